import { z } from '@hono/zod-openapi';
import { CLUSTER_STATUSES } from '../../domain/clusters.ts';
import { Instant } from './fields.ts';
import { Nodes } from './nodes.ts';

const CLUSTER_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_KEY = /^[A-Za-z0-9]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^[\x20-\x7e]{0,63}$/;
const MAX_LABELS = 32;
const MAX_CAPACITY = 1_000_000;

const Labels = z
  .record(
    z
      .string()
      .regex(
        LABEL_KEY,
        'a key must have 1 to 63 of A-Z, a-z, 0-9, _, ., / and -, and begin and end with a letter or digit',
      ),
    z.string().regex(LABEL_VALUE, 'a value must have up to 63 printable ASCII characters'),
  )
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `must have at most ${MAX_LABELS} labels`)
  .openapi({ example: { region: 'eu-central' } });

const Capacity = z
  .int()
  .min(0)
  .max(MAX_CAPACITY)
  .nullable()
  .openapi({ description: 'Largest number of stores. Null: no limit. A lower number removes no store.' });

const Status = z.enum(CLUSTER_STATUSES).openapi({
  description: '`cordoned`: the cluster accepts no new stores. Those that it has continue.',
});

export const Cluster = z
  .strictObject({
    name: z.string().openapi({ example: 'default' }),
    address: z.string().openapi({ example: 'https://10.0.0.1:6443', description: 'URL of the API server.' }),
    kubernetesVersion: z.string().openapi({ example: 'v1.36.1' }),
    nodes: Nodes,
    labels: Labels,
    status: Status,
    capacity: Capacity,
    residentStores: z.int().openapi({ description: 'Stores in the cluster that are not deleted.' }),
    openOperations: z.int().openapi({ description: 'Operations on its stores that have not ended.' }),
    isReachable: z
      .boolean()
      .openapi({ description: 'Whether a worker has reached the API server in the last two minutes.' }),
    lastSeenAt: Instant.openapi({ description: 'When a worker reached the API server last.' }),
  })
  .openapi('Cluster');
export type Cluster = z.output<typeof Cluster>;

export const ClusterList = z.strictObject({ data: z.array(Cluster).readonly() }).openapi('ClusterList');

export const ClusterParam = z.object({
  name: z
    .string()
    .regex(CLUSTER_NAME)
    .openapi({ param: { name: 'name', in: 'path' }, example: 'default' }),
});

export const UpdateClusterBody = z
  .strictObject({
    status: Status.optional(),
    capacity: Capacity.optional(),
    labels: Labels.optional().openapi({ description: 'Replaces all labels.' }),
  })
  .openapi('UpdateCluster');
