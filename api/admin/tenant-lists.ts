import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { AdminRecords } from '../../db/admin/admin-records.ts';
import type { AppEnv } from '../app-env.ts';
import {
  ListAllStoresQuery,
  ListOpenOperationsQuery,
  TenantOperationPage,
  TenantStorePage,
} from '../contract/operator.ts';
import { linkHeader } from '../contract/pagination.ts';
import { encodeStoreCursor } from '../contract/store-cursor.ts';
import { linkToNext } from '../middleware/link-to-next.ts';
import { problemResponses } from '../problems/responses.ts';
import { storeFiltersOf } from '../stores/list-query.ts';
import { toOperation, toStore, type WebUi } from '../stores/present.ts';

const listAllStores = createRoute({
  operationId: 'listAllStores',
  method: 'get',
  path: '/admin/stores',
  summary: 'List the stores of all tenants',
  description: 'For operators. The filters are those of `GET /api/stores`, `tenantId` and `cluster`.',
  request: { query: ListAllStoresQuery },
  responses: {
    200: {
      description: 'One page of stores.',
      headers: linkHeader,
      content: { 'application/json': { schema: TenantStorePage } },
    },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

const listAllOperations = createRoute({
  operationId: 'listAllOperations',
  method: 'get',
  path: '/admin/operations',
  summary: 'List the operations of all tenants that have not ended, newest first',
  description: 'For operators. `status=held` lists the operations that wait for a decision.',
  request: { query: ListOpenOperationsQuery },
  responses: {
    200: {
      description: 'One page of operations.',
      content: { 'application/json': { schema: TenantOperationPage } },
    },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

/** The lists of stores and operations for operators. */
export function tenantListRoutes({ records, webUi }: { readonly records: AdminRecords; readonly webUi: WebUi }) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listAllStores, async (c) => {
    const query = c.req.valid('query');
    const page = await records.listStores(storeFiltersOf(query));
    const data = page.stores.map((store) => ({ ...toStore(store, webUi), tenantId: store.tenantId }));
    const nextCursor = page.next === null ? null : encodeStoreCursor(page.next);
    if (nextCursor !== null) linkToNext(c, { cursor: nextCursor, offset: undefined, sort: undefined });
    const { limit, offset } = query;
    return c.json({ data, pagination: { limit, offset, nextCursor, total: page.total } }, 200);
  });

  routes.openapi(listAllOperations, async (c) => {
    const query = c.req.valid('query');
    const { operations, total } = await records.listOperations(query);
    const data = operations.map((operation) => ({ ...toOperation(operation, webUi), tenantId: operation.tenantId }));
    const { limit, offset } = query;
    return c.json({ data, pagination: { limit, offset, total } }, 200);
  });

  return routes;
}
