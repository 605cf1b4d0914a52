import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { SeenOrphan } from '../../domain/orphans.ts';
import type { OrphanRecords } from '../../domain/ports/orphan-records.ts';
import type { AppEnv } from '../app-env.ts';
import { json } from '../contract/json-content.ts';
import {
  ListOrphansQuery,
  Orphan as OrphanSchema,
  OrphanPage,
  OrphanUidParam,
  type Orphan,
} from '../contract/orphan.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';

export interface OrphanRoutes {
  /** The orphans that the reconciler found in its last pass over the cluster. */
  readonly orphans: Pick<OrphanRecords, 'list' | 'approve'>;
  /** Largest number of orphans that may be due at once without an approval. */
  readonly maxRemovals: number;
  readonly now: () => Date;
}

const listOrphans = createRoute({
  operationId: 'listOrphans',
  method: 'get',
  path: '/orphans',
  summary: 'List objects in the cluster that belong to no store, oldest first',
  description: 'For operators. The list has the objects of all tenants, as of the last pass of the reconciler.',
  request: { query: ListOrphansQuery },
  responses: {
    200: { description: 'One page of orphans.', content: json(OrphanPage) },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

const removeOrphan = createRoute({
  operationId: 'removeOrphan',
  method: 'post',
  path: '/orphans/{uid}/remove',
  summary: 'Approve the removal of an orphan',
  description:
    'For operators. After its grace period, the next pass of the reconciler removes the orphan, even if other orphans are held back. The pass checks again that the object is an orphan and that it holds no data. While removals are paused, it waits.',
  request: { params: OrphanUidParam },
  responses: {
    202: { description: 'The approval is recorded.', content: json(OrphanSchema) },
    ...problemResponses(
      'ORIGIN_REFUSED',
      'HOST_NOT_ALLOWED',
      'INVALID_REQUEST',
      'ORPHAN_NOT_FOUND',
      'ORPHAN_NOT_REMOVABLE',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

/** The routes below `/orphans`. */
export function orphanRoutes({ orphans, maxRemovals, now }: OrphanRoutes) {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(listOrphans, async (c) => {
    const { limit, offset } = c.req.valid('query');
    const { due, heldBack, ...page } = await orphans.list({ limit, offset, now: now(), maxRemovals });
    const removal = { due, heldBack, limit: maxRemovals, isHeldBack: heldBack > 0 };
    return c.json({ data: page.orphans.map(toOrphan), removal, pagination: { limit, offset, total: page.total } }, 200);
  });
  routes.openapi(removeOrphan, async (c) => {
    const { uid } = c.req.valid('param');
    const result = await orphans.approve({ uid, now: now() });
    if (result.kind === 'notFound') {
      throw new Problem('ORPHAN_NOT_FOUND', `No object with the UID ${uid} is in the list of orphans.`);
    }
    const { kind, name, reason } = result.orphan;
    if (result.kind === 'notRemovable') {
      throw new Problem('ORPHAN_NOT_REMOVABLE', `The platform never removes ${kind}/${name}: ${reason}.`);
    }
    return c.json(toOrphan(result.orphan), 202);
  });
  return routes;
}

function toOrphan({ uid, cluster, kind, name, namespace, storeId, reason, ...times }: SeenOrphan): Orphan {
  return {
    uid,
    cluster,
    kind,
    name,
    namespace,
    storeId,
    reason,
    firstSeen: times.firstSeen.toISOString(),
    removableAfter: times.removableAfter?.toISOString() ?? null,
    approvedAt: times.approvedAt?.toISOString() ?? null,
  };
}
