import { z } from '@hono/zod-openapi';
import { CLUSTER_STATUSES } from '../../domain/clusters.ts';
import { ClusterLabels, ClusterName, Instant } from './fields.ts';
import { Nodes } from './nodes.ts';

const MAX_CAPACITY = 1_000_000;

const Capacity = z
  .int()
  .min(0)
  .max(MAX_CAPACITY)
  .nullable()
  .openapi({ description: 'Largest number of stores. Null: no limit. A lower number removes no store.' });

const Status = z.enum(CLUSTER_STATUSES).openapi({
  description:
    '`cordoned` and `draining`: the cluster accepts no new stores, and those that it has continue. `draining` also says that it must become empty: `residentStores` tells how many are left.',
});

const KubeconfigRef = z
  .string()
  .regex(/^[\x21-\x7e]{1,253}$/, 'must have 1 to 253 printable ASCII characters without spaces')
  .nullable()
  .openapi({
    example: 'kubeconfig-eu-1',
    description:
      'Name of the Secret or the file that holds the kubeconfig of the workers. It is a note for operators: the platform never reads it.',
  });

export const Cluster = z
  .strictObject({
    name: ClusterName,
    uid: z.string().nullable().openapi({
      description: 'UID of the namespace `kube-system`, which identifies the cluster. Null: no worker has reached it.',
    }),
    address: z.string().nullable().openapi({
      example: 'https://10.0.0.1:6443',
      description: 'URL of the API server. Null: no worker has reached it.',
    }),
    kubernetesVersion: z.string().nullable().openapi({ example: 'v1.36.1' }),
    nodes: Nodes,
    labels: ClusterLabels,
    status: Status,
    capacity: Capacity,
    kubeconfigRef: KubeconfigRef,
    residentStores: z.int().openapi({ description: 'Stores in the cluster that are not deleted.' }),
    openOperations: z.int().openapi({ description: 'Operations on its stores that have not ended.' }),
    isReachable: z
      .boolean()
      .openapi({ description: 'Whether a worker has reached the API server in the last two minutes.' }),
    lastSeenAt: Instant.nullable().openapi({
      description: 'When a worker reached the API server last. Null: none has reached it yet.',
    }),
  })
  .openapi('Cluster');
export type Cluster = z.output<typeof Cluster>;

export const ClusterList = z.strictObject({ data: z.array(Cluster).readonly() }).openapi('ClusterList');

export const ClusterParam = z.object({
  name: ClusterName.openapi({ param: { name: 'name', in: 'path' }, example: 'default' }),
});

export const AddClusterBody = z
  .strictObject({
    name: ClusterName.openapi({ description: 'The setting CLUSTER_NAME of the workers of the cluster.' }),
    labels: ClusterLabels.default({}),
    capacity: Capacity.default(null),
    kubeconfigRef: KubeconfigRef.default(null),
  })
  .openapi('AddCluster');

export const UpdateClusterBody = z
  .strictObject({
    status: Status.optional(),
    capacity: Capacity.optional(),
    labels: ClusterLabels.optional().openapi({ description: 'Replaces all labels.' }),
    kubeconfigRef: KubeconfigRef.optional(),
    uid: z.null().optional().openapi({
      description:
        'Forgets the identity of a cluster that was replaced. A worker refuses to start in a cluster with another UID than the recorded one.',
    }),
  })
  .openapi('UpdateCluster');
