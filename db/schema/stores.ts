import { sql, type SQL } from 'drizzle-orm';
import { check, index, integer, pgTable, text, unique, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core';
import { ENGINES } from '../../domain/engines/index.ts';
import type { Overrides } from '../../domain/store/overrides.ts';
import { FAILURE_POLICIES, STORE_STATUSES, type VolumePolicy } from '../../domain/store/status.ts';
import type { RepairCount } from '../../domain/store/repairs.ts';
import type { StoreCondition } from '../../domain/store/conditions.ts';
import { NODE_KINDS, type Degradation, type DriftedObject, type Verification } from '../../domain/store/store.ts';
import { isClusterName, newestFirst, oneOf } from './checks.ts';
import { document, instant } from './columns.ts';

/** Selects ready stores. Postgres uses the partial index only if the query has this literal. */
export function isReady(table: { readonly status: AnyPgColumn }): SQL {
  return sql`${table.status} = 'ready'`;
}

/** One row per store. Deleted stores keep their row: they stay readable and keep their idempotency key. */
export const stores = pgTable(
  'stores',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    requestHash: text('request_hash').notNull(),
    name: text('name').notNull(),
    engine: text('engine', { enum: ENGINES }).notNull(),
    /**
     * Name of the cluster that the store is in. It never changes. No foreign key: every create of every tenant would lock the
     * row of the cluster, and a store may be requested before the first worker registers its cluster.
     */
    cluster: text('cluster').notNull(),
    status: text('status', { enum: STORE_STATUSES }).notNull(),
    slug: text('slug').notNull(),
    namespace: text('namespace').notNull(),
    releaseName: text('release_name').notNull(),
    host: text('host').notNull(),
    storefrontUrl: text('storefront_url').notNull(),
    adminUrl: text('admin_url').notNull(),
    chartVersion: text('chart_version').notNull(),
    nodes: text('nodes', { enum: NODE_KINDS }).notNull().default('unknown'),
    verification: document<Verification>('verification'),
    onFailure: text('on_failure', { enum: FAILURE_POLICIES }).notNull().default('cleanup'),
    /** Chart values that operators changed for this store. Null: none. */
    overrides: document<Overrides>('overrides'),
    /** For deletes that do not say what happens to the volumes. Null: they are deleted with the store. */
    volumePolicy: document<VolumePolicy>('volume_policy'),
    /** Set while a delete of the store is requested. */
    deleteRequestedAt: instant('delete_requested_at'),
    /** For a ready store: when it began to differ from its release, and in which objects. */
    driftSince: instant('drift_since'),
    driftObjects: document<readonly DriftedObject[]>('drift_objects'),
    /** Repairs that count for the pause before the next equal one. */
    repairs: document<readonly RepairCount[]>('repairs').notNull().default([]),
    /** When a verification last passed. */
    lastVerifiedAt: instant('last_verified_at'),
    /** For a ready store: when its verification began to fail, and the newest cause. */
    degradedSince: instant('degraded_since'),
    degradedCause: document<Degradation>('degraded_cause'),
    /** At most one of each type. */
    conditions: document<readonly StoreCondition[]>('conditions').notNull().default([]),
    /** `seq` of the newest event. Writers increment it under the row lock, so there are no gaps. */
    lastSeq: integer('last_seq').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    readyAt: instant('ready_at'),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    unique('stores_tenant_key').on(table.tenantId, table.idempotencyKey),
    unique('stores_namespace').on(table.namespace),
    check('stores_engine', oneOf(table.engine, ENGINES)),
    check('stores_cluster', isClusterName(table.cluster)),
    check('stores_status', oneOf(table.status, STORE_STATUSES)),
    check('stores_nodes', oneOf(table.nodes, NODE_KINDS)),
    check('stores_idempotency_key_length', sql`char_length(${table.idempotencyKey}) between 1 and 255`),
    check('stores_on_failure', oneOf(table.onFailure, FAILURE_POLICIES)),
    check('stores_ready_since', sql`${table.status} <> 'ready' or ${table.readyAt} is not null`),
    check('stores_deleted_since', sql`(${table.status} = 'deleted') = (${table.deletedAt} is not null)`),
    check('stores_degraded_since', sql`(${table.degradedSince} is null) = (${table.degradedCause} is null)`),
    check('stores_drift_since', sql`(${table.driftSince} is null) = (${table.driftObjects} is null)`),
    index('stores_list')
      .on(table.tenantId, ...newestFirst(table.createdAt, table.id))
      .where(sql`${table.status} <> 'deleted'`),
    index('stores_list_engine')
      .on(table.tenantId, table.engine, ...newestFirst(table.createdAt, table.id))
      .where(sql`${table.status} <> 'deleted'`),
    index('stores_list_name')
      .on(table.tenantId, sql`lower(${table.name})`, table.id)
      .where(sql`${table.status} <> 'deleted'`),
    // Operators list the stores of all tenants.
    index('stores_list_all')
      .on(...newestFirst(table.createdAt, table.id))
      .where(sql`${table.status} <> 'deleted'`),
    index('stores_list_status').on(table.tenantId, table.status, ...newestFirst(table.createdAt, table.id)),
    // The retention finds the stores that were deleted first.
    index('stores_deleted')
      .on(table.deletedAt)
      .where(sql`${table.status} = 'deleted'`),
    // The reconciler reads the ready stores of a cluster page by page in the order of their ids.
    index('stores_ready').on(table.cluster, table.id).where(isReady(table)),
  ],
);
