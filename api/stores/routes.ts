import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { changeOf } from '../audit/change.ts';
import { linkHeader } from '../contract/pagination.ts';
import {
  ChangeStoreHeaders,
  ContinueStoreBody,
  CreateStoreBody,
  CreateStoreHeaders,
  DeleteStoreQuery,
  ListStoresQuery,
  Store,
  StoreIdParams,
  StorePage,
} from '../contract/store.ts';
import { entityTag, entityTagOf, notModified, versionsIn } from './entity-tag.ts';
import { encodeStoreCursor } from '../contract/store-cursor.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { linkToNext } from '../middleware/link-to-next.ts';
import type { ProblemCode } from '../problems/catalogue.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';
import type { Accepted, RequestContext } from './context.ts';
import { storeFiltersOf } from './list-query.ts';
import { toStore, type WebUi } from './present.ts';
import type { StoreService } from './service.ts';

/** Seconds that a caller should wait between two polls of an operation. */
const POLL_AFTER_SECONDS = 2;

const acceptedHeaders = {
  Location: { description: 'Path of the store.', schema: { type: 'string' as const } },
  'Operation-Location': {
    description: 'Path of the accepted operation. Poll it for the result.',
    schema: { type: 'string' as const },
  },
  'Retry-After': { description: 'Seconds to wait before polling again.', schema: { type: 'integer' as const } },
};

/** The 202 response of a request that an operation carries out, and the problems of such a request. */
function accepted(description: string, ...problems: readonly ProblemCode[]) {
  return {
    202: { description, headers: acceptedHeaders, content: { 'application/json': { schema: Store } } },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'ORIGIN_REFUSED',
      'INVALID_REQUEST',
      'STORE_NOT_FOUND',
      'INVALID_STATE',
      'PRECONDITION_FAILED',
      'DATABASE_UNAVAILABLE',
      ...problems,
    ),
  };
}

const listStores = createRoute({
  operationId: 'listStores',
  method: 'get',
  path: '/stores',
  summary: 'List your stores',
  request: { query: ListStoresQuery },
  responses: {
    200: {
      description: 'One page of stores.',
      headers: linkHeader,
      content: { 'application/json': { schema: StorePage } },
    },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

const createStore = createRoute({
  operationId: 'createStore',
  method: 'post',
  path: '/stores',
  summary: 'Create a store',
  description:
    'Responds as soon as the store is recorded. The same key with the same body returns the same store and the same status.',
  request: {
    headers: CreateStoreHeaders,
    body: { required: true, content: { 'application/json': { schema: CreateStoreBody } } },
  },
  responses: {
    202: {
      description: 'The store is recorded and will be provisioned.',
      headers: {
        ...acceptedHeaders,
        'Idempotency-Replayed': {
          description: '`true`: the same request came before.',
          schema: { type: 'string' as const },
        },
      },
      content: { 'application/json': { schema: Store } },
    },
    ...problemResponses(
      'INVALID_REQUEST',
      'MALFORMED_JSON',
      'IDEMPOTENCY_KEY_REQUIRED',
      'IDEMPOTENCY_KEY_INVALID',
      'HOST_NOT_ALLOWED',
      'ORIGIN_REFUSED',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'NAMESPACE_TAKEN',
      'CLUSTER_NOT_ACCEPTING',
      'IDEMPOTENCY_KEY_REUSED',
      'QUOTA_EXCEEDED',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

const getStore = createRoute({
  operationId: 'getStore',
  method: 'get',
  path: '/stores/{id}',
  summary: 'Get a store',
  request: { params: StoreIdParams },
  responses: {
    200: { description: 'The store.', headers: entityTag, content: { 'application/json': { schema: Store } } },
    304: notModified,
    ...problemResponses('HOST_NOT_ALLOWED', 'STORE_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
});

const deleteStore = createRoute({
  operationId: 'deleteStore',
  method: 'delete',
  path: '/stores/{id}',
  summary: 'Delete a store and everything that belongs to it',
  description:
    'A provision that runs is cancelled first. A second request changes nothing: the first one decides how the store is deleted. With an undelete window, the store stops at once and can be brought back until the window ends.',
  request: { headers: ChangeStoreHeaders, params: StoreIdParams, query: DeleteStoreQuery },
  responses: accepted('The store will be deleted.', 'BODY_TOO_LARGE'),
});

const retryStore = createRoute({
  operationId: 'retryStore',
  method: 'post',
  path: '/stores/{id}/retry',
  summary: 'Repeat the operation that failed or was cancelled',
  request: { headers: ChangeStoreHeaders, params: StoreIdParams },
  responses: accepted(
    'The operation starts again.',
    'OPERATION_RUNNING',
    'ORCHESTRATOR_UNAVAILABLE',
    'ORCHESTRATOR_REJECTED',
  ),
});

const cancelStore = createRoute({
  operationId: 'cancelStore',
  method: 'post',
  path: '/stores/{id}/cancel',
  summary: 'Cancel the provision of a store and undo its steps',
  request: { headers: ChangeStoreHeaders, params: StoreIdParams },
  responses: accepted('The provision will be undone.', 'ORCHESTRATOR_UNAVAILABLE', 'ORCHESTRATOR_REJECTED'),
});

const continueStore = createRoute({
  operationId: 'continueStore',
  method: 'post',
  path: '/stores/{id}/continue',
  summary: 'Continue a held provision: repeat the step at which it is held',
  middleware: optionalJson,
  request: {
    headers: ChangeStoreHeaders,
    params: StoreIdParams,
    body: { content: { 'application/json': { schema: ContinueStoreBody } } },
  },
  responses: accepted(
    'Accepted. The workflow has been signalled.',
    'ORCHESTRATOR_UNAVAILABLE',
    'ORCHESTRATOR_REJECTED',
    'MALFORMED_JSON',
    'BODY_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
  ),
});

const signalled = accepted(
  'Accepted. The workflow has been signalled.',
  'ORCHESTRATOR_UNAVAILABLE',
  'ORCHESTRATOR_REJECTED',
);

const skipVerification = createRoute({
  operationId: 'skipVerification',
  method: 'post',
  path: '/stores/{id}/skip-verification',
  summary: 'Continue a provision that is held at its verification, without the verification',
  request: { headers: ChangeStoreHeaders, params: StoreIdParams },
  responses: signalled,
});

const abortStore = createRoute({
  operationId: 'abortStore',
  method: 'post',
  path: '/stores/{id}/abort',
  summary: 'Abort a held provision: undo its steps and fail',
  request: { headers: ChangeStoreHeaders, params: StoreIdParams },
  responses: signalled,
});

const undeleteStore = createRoute({
  operationId: 'undeleteStore',
  method: 'post',
  path: '/stores/{id}/undelete',
  summary: 'Undo a delete within its undelete window',
  description: 'An accepted undelete always happens, even if the window ends a moment later.',
  request: { headers: ChangeStoreHeaders, params: StoreIdParams },
  responses: accepted('The delete will be undone.'),
});

/** The routes below `/stores`. Handlers translate between HTTP and the service. */
export function storeRoutes({ stores, webUi }: { readonly stores: StoreService; readonly webUi: WebUi }) {
  const routes = new OpenAPIHono<AppEnv>();

  function accept(c: Context<AppEnv>, { store, operation }: Accepted) {
    c.header('Location', `/api/stores/${store.id}`);
    c.header('Operation-Location', `/api/operations/${operation.id}`);
    c.header('Retry-After', String(POLL_AFTER_SECONDS));
    return toStore(store, webUi, operation);
  }

  routes.openapi(listStores, async (c) => {
    const query = c.req.valid('query');
    const page = await stores.list(requestOf(c), storeFiltersOf(query));
    const data = page.stores.map((store) => toStore(store, webUi));
    const nextCursor = page.next === null ? null : encodeStoreCursor(page.next);
    if (nextCursor !== null) linkToNext(c, { cursor: nextCursor, offset: undefined, sort: undefined });
    const { limit, offset } = query;
    return c.json({ data, pagination: { limit, offset, nextCursor, total: page.total } }, 200);
  });

  routes.openapi(createStore, async (c) => {
    const idempotencyKey = c.req.valid('header')['Idempotency-Key'];
    const audit = { principal: c.var.identity.principal.kind, change: changeOf(c, 'createStore') ?? {} };
    const outcome = await stores.create(requestOf(c), { idempotencyKey, body: c.req.valid('json'), audit });
    if (outcome.replayed) c.header('Idempotency-Replayed', 'true');
    else c.set('isAudited', true);
    return c.json(accept(c, outcome), 202);
  });

  routes.openapi(getStore, async (c) => {
    const store = await stores.get(requestOf(c), c.req.valid('param').id);
    c.header('ETag', entityTagOf(store));
    return c.json(toStore(store, webUi), 200);
  });

  routes.openapi(deleteStore, async (c) => {
    // Proxies drop the body of a DELETE. Ignoring one could lose data, such as a requested undelete window.
    if ((await c.req.text()) !== '') {
      throw new Problem('INVALID_REQUEST', 'DELETE takes no body. Send its options as query parameters.');
    }
    const result = await stores.delete(requestOf(c), c.req.valid('param').id, c.req.valid('query'));
    return c.json(accept(c, result), 202);
  });

  routes.openapi(retryStore, async (c) => {
    return c.json(accept(c, await stores.retry(requestOf(c), c.req.valid('param').id)), 202);
  });

  routes.openapi(cancelStore, async (c) => {
    return c.json(accept(c, await stores.cancel(requestOf(c), c.req.valid('param').id)), 202);
  });

  routes.openapi(continueStore, async (c) => {
    const decision = { action: 'continue', overrides: c.req.valid('json').overrides } as const;
    return c.json(accept(c, await stores.signal(requestOf(c), c.req.valid('param').id, decision)), 202);
  });

  for (const [route, action] of [
    [skipVerification, 'skip-verification'],
    [abortStore, 'abort'],
  ] as const) {
    routes.openapi(route, async (c) => {
      return c.json(accept(c, await stores.signal(requestOf(c), c.req.valid('param').id, { action })), 202);
    });
  }

  routes.openapi(undeleteStore, async (c) => {
    return c.json(accept(c, await stores.undelete(requestOf(c), c.req.valid('param').id)), 202);
  });

  return routes;
}

export function requestOf(c: Context<AppEnv>): RequestContext {
  return {
    caller: c.var.caller,
    ahead: c.var.ahead,
    correlationId: c.var.requestId,
    versions: versionsIn(c.req.header('If-Match')),
    log: c.var.log,
  };
}
