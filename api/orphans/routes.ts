import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { SeenOrphan } from '../../domain/orphans.ts';
import type { AppEnv } from '../app-env.ts';
import { problemResponses } from '../problems/responses.ts';
import { ListOrphansQuery, OrphanPage, type Orphan } from '../contract/orphan.ts';

/** Reads the orphans that the reconciler found in its last pass over the cluster. */
export interface OrphanReader {
  list(query: { readonly limit: number; readonly offset: number; readonly now: Date }): Promise<{
    readonly orphans: readonly SeenOrphan[];
    readonly total: number;
    readonly due: number;
  }>;
}

export interface OrphanRoutes {
  readonly orphans: OrphanReader;
  /** Maximum number of orphans that one pass removes. If more are due, none is removed. */
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
    200: { description: 'One page of orphans.', content: { 'application/json': { schema: OrphanPage } } },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

/** The routes below `/orphans`. */
export function orphanRoutes({ orphans, maxRemovals, now }: OrphanRoutes) {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(listOrphans, async (c) => {
    const { limit, offset } = c.req.valid('query');
    const page = await orphans.list({ limit, offset, now: now() });
    const removal = { due: page.due, limit: maxRemovals, isHeldBack: page.due > maxRemovals };
    return c.json({ data: page.orphans.map(toOrphan), removal, pagination: { limit, offset, total: page.total } }, 200);
  });
  return routes;
}

function toOrphan({ cluster, kind, name, namespace, storeId, reason, firstSeen, removableAfter }: SeenOrphan): Orphan {
  return {
    cluster,
    kind,
    name,
    namespace,
    storeId,
    reason,
    firstSeen: firstSeen.toISOString(),
    removableAfter: removableAfter?.toISOString() ?? null,
  };
}
