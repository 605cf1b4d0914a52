import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { entityTag, entityTagOf, notModified } from '../stores/entity-tag.ts';
import { ListOperationsQuery, Operation, OperationIdParams, OperationPage } from '../contract/operation.ts';
import { StoreIdParams } from '../contract/store.ts';
import { problemResponses } from '../problems/responses.ts';
import { toOperation, type WebUi } from '../stores/present.ts';
import { requestOf } from '../stores/routes.ts';
import type { StoreService } from '../stores/service.ts';

const listOperations = createRoute({
  operationId: 'listOperations',
  method: 'get',
  path: '/stores/{id}/operations',
  summary: 'List the operations of a store, newest first',
  request: { params: StoreIdParams, query: ListOperationsQuery },
  responses: {
    200: { description: 'One page of operations.', content: { 'application/json': { schema: OperationPage } } },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'STORE_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
});

const getOperation = createRoute({
  operationId: 'getOperation',
  method: 'get',
  path: '/operations/{id}',
  summary: 'Get an operation',
  request: { params: OperationIdParams },
  responses: {
    200: { description: 'The operation.', headers: entityTag, content: { 'application/json': { schema: Operation } } },
    304: notModified,
    ...problemResponses('HOST_NOT_ALLOWED', 'OPERATION_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
});

/** The routes that read operations. */
export function operationRoutes({ stores, webUi }: { readonly stores: StoreService; readonly webUi: WebUi }) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listOperations, async (c) => {
    const { limit, offset } = c.req.valid('query');
    const page = await stores.listOperations(requestOf(c), c.req.valid('param').id, { limit, offset });
    const data = page.operations.map((operation) => toOperation(operation, webUi));
    return c.json({ data, pagination: { limit, offset, total: page.total } }, 200);
  });

  routes.openapi(getOperation, async (c) => {
    const operation = await stores.getOperation(requestOf(c), c.req.valid('param').id);
    c.header('ETag', entityTagOf(operation));
    return c.json(toOperation(operation, webUi), 200);
  });

  return routes;
}
