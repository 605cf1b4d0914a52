import { z } from '@hono/zod-openapi';
import { ORPHAN_KINDS } from '../../domain/orphans.ts';
import { ClusterName, Instant } from './fields.ts';
import { pageQuery, Pagination } from './pagination.ts';

export const ListOrphansQuery = z.strictObject(pageQuery({ maxLimit: 500, limit: 100 }));

/** Kubernetes says only that a UID is a string. All API servers use UUIDs. */
export const OrphanUidParam = z.strictObject({
  uid: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .openapi({ param: { name: 'uid', in: 'path' }, example: '5f0c7f4e-9d0d-4f3e-8b5e-6d1f6a3c2b11' }),
});

export const Orphan = z
  .strictObject({
    uid: z.string().openapi({ description: 'The UID of the Kubernetes object. It identifies the orphan.' }),
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
    approvedAt: Instant.nullable().openapi({
      description: 'When an operator approved the removal. Null: no operator did.',
    }),
  })
  .openapi('Orphan');
export type Orphan = z.output<typeof Orphan>;

export const OrphanPage = z
  .strictObject({
    data: z.array(Orphan).readonly(),
    removal: z
      .strictObject({
        due: z.int(),
        heldBack: z.int().openapi({ description: 'Due orphans that wait for the approval of an operator.' }),
        limit: z.int(),
        isHeldBack: z.boolean().openapi({ description: 'Whether an orphan is held back.' }),
      })
      .openapi({
        description:
          'If more than `limit` orphans are due at once, they are held back: only those whose removal an operator approves are removed.',
      }),
    pagination: Pagination,
  })
  .openapi('OrphanPage');
