import { z } from '@hono/zod-openapi';
import { ORPHAN_KINDS } from '../../domain/orphans.ts';
import { ClusterName, Instant } from './fields.ts';
import { pageQuery, Pagination } from './pagination.ts';

export const ListOrphansQuery = z.strictObject(pageQuery({ maxLimit: 500, limit: 100 }));

const Orphan = z
  .strictObject({
    cluster: ClusterName,
    kind: z.enum(ORPHAN_KINDS),
    name: z.string(),
    namespace: z.string().nullable(),
    storeId: z.string().nullable().openapi({ description: 'The store id in the label of the object.' }),
    reason: z.string(),
    firstSeen: Instant,
    removableAfter: Instant.nullable().openapi({
      description: 'Null: the platform never removes the object by itself.',
    }),
  })
  .openapi('Orphan');
export type Orphan = z.output<typeof Orphan>;

export const OrphanPage = z
  .strictObject({
    data: z.array(Orphan).readonly(),
    removal: z.strictObject({ due: z.int(), limit: z.int(), isHeldBack: z.boolean() }).openapi({
      description: 'If more than `limit` orphans are due at once, none is removed and an operator must decide.',
    }),
    pagination: Pagination,
  })
  .openapi('OrphanPage');
