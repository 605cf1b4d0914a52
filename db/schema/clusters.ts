import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { CLUSTER_STATUSES, type ClusterLabels } from '../../domain/clusters.ts';
import { NODE_KINDS } from '../../domain/store/store.ts';
import { isClusterName, oneOf } from './checks.ts';
import { document, instant } from './columns.ts';

/** One row per cluster. Workers register their cluster, or an operator adds it before its workers exist. */
export const clusters = pgTable(
  'clusters',
  {
    name: text('name').primaryKey(),
    /** UID of the namespace `kube-system`: it identifies the cluster. */
    uid: text('uid'),
    /** URL of the API server, without credentials. Null: no worker has reached it yet. */
    address: text('address'),
    kubernetesVersion: text('kubernetes_version'),
    nodes: text('nodes', { enum: NODE_KINDS }).notNull().default('unknown'),
    /** Name of the Secret or file that holds the kubeconfig of its workers. The platform never reads it. */
    kubeconfigRef: text('kubeconfig_ref'),
    labels: document<ClusterLabels>('labels').notNull().default({}),
    status: text('status', { enum: CLUSTER_STATUSES }).notNull().default('ready'),
    /** Largest number of stores. Null: no limit. */
    capacity: integer('capacity'),
    /** Whether the Kubernetes API answered when a worker asked last, and when it answered last. */
    answered: boolean('answered').notNull().default(false),
    lastSeenAt: instant('last_seen_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    check('clusters_name', isClusterName(table.name)),
    check('clusters_status', oneOf(table.status, CLUSTER_STATUSES)),
    check('clusters_nodes', oneOf(table.nodes, NODE_KINDS)),
    check('clusters_capacity', sql`${table.capacity} >= 0`),
  ],
);
