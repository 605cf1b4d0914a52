import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import {
  CreateStoreBody,
  CreateStoreHeaders,
  DeleteStoreBody,
  ListStoresQuery,
  ContinueStoreBody,
  Store,
  StoreEvents,
  StoreIdParams,
  StorePage,
} from '../contract/schemas.ts';
import { toStoreResource, type WebUi } from './present.ts';
import type { RequestContext, StoreService } from './service.ts';
import { problemResponses } from '../problems/responses.ts';

/** How soon a caller who polls an operation should look again. */
const POLL_AFTER_SECONDS = 2;

const acceptedHeaders = {
  Location: { description: 'The store; its `status` tells how far the work is.', schema: { type: 'string' as const } },
  'Retry-After': { description: 'Seconds until another look is worth it.', schema: { type: 'integer' as const } },
};

const listStores = createRoute({
  method: 'get',
  path: '/stores',
  summary: 'List your stores, newest first',
  request: { query: ListStoresQuery },
  responses: {
    200: { description: 'One page of stores.', content: { 'application/json': { schema: StorePage } } },
    ...problemResponses('INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

const createStore = createRoute({
  method: 'post',
  path: '/stores',
  summary: 'Create a store',
  description:
    'Answers as soon as the store is recorded. The same key with the same body leads to the same store and the same answer.',
  request: {
    headers: CreateStoreHeaders,
    body: { required: true, content: { 'application/json': { schema: CreateStoreBody } } },
  },
  responses: {
    202: {
      description: 'The store is recorded and will be provisioned.',
      headers: {
        ...acceptedHeaders,
        'Idempotency-Replayed': { description: '`true`: the request had come before.', schema: { type: 'string' } },
      },
      content: { 'application/json': { schema: Store } },
    },
    ...problemResponses(
      'INVALID_REQUEST',
      'MALFORMED_JSON',
      'IDEMPOTENCY_KEY_REQUIRED',
      'IDEMPOTENCY_KEY_INVALID',
      'ORIGIN_REFUSED',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'IDEMPOTENCY_KEY_REUSED',
      'QUOTA_EXCEEDED',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

const getStore = createRoute({
  method: 'get',
  path: '/stores/{id}',
  summary: 'Look at a store',
  request: { params: StoreIdParams },
  responses: {
    200: { description: 'The store as it is now.', content: { 'application/json': { schema: Store } } },
    ...problemResponses('STORE_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
});

const listStoreEvents = createRoute({
  method: 'get',
  path: '/stores/{id}/events',
  summary: 'What happened to a store, oldest first',
  request: { params: StoreIdParams },
  responses: {
    200: { description: 'All events.', content: { 'application/json': { schema: StoreEvents } } },
    ...problemResponses('STORE_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
});

const deleteStore = createRoute({
  method: 'delete',
  path: '/stores/{id}',
  summary: 'Delete a store and all that belongs to it',
  description:
    'A provision that runs is cancelled first. Deleting twice is deleting once: the first request says how. With an undelete window, the store stops at once and can be brought back until the window ends.',
  request: { params: StoreIdParams, body: { content: { 'application/json': { schema: DeleteStoreBody } } } },
  responses: {
    202: {
      description: 'The store will be deleted.',
      headers: acceptedHeaders,
      content: { 'application/json': { schema: Store } },
    },
    ...problemResponses(
      'INVALID_REQUEST',
      'MALFORMED_JSON',
      'ORIGIN_REFUSED',
      'BODY_TOO_LARGE',
      'STORE_NOT_FOUND',
      'INVALID_STATE',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

const retryStore = createRoute({
  method: 'post',
  path: '/stores/{id}/retry',
  summary: 'Do again what failed or was cancelled',
  request: { params: StoreIdParams },
  responses: {
    202: {
      description: 'The operation starts again.',
      headers: acceptedHeaders,
      content: { 'application/json': { schema: Store } },
    },
    ...problemResponses(
      'ORIGIN_REFUSED',
      'STORE_NOT_FOUND',
      'INVALID_STATE',
      'OPERATION_RUNNING',
      'DATABASE_UNAVAILABLE',
      'ORCHESTRATOR_UNAVAILABLE',
    ),
  },
});

const cancelStore = createRoute({
  method: 'post',
  path: '/stores/{id}/cancel',
  summary: 'Cancel the provision of a store; nothing of it is left',
  request: { params: StoreIdParams },
  responses: {
    202: {
      description: 'The provision will be undone.',
      headers: acceptedHeaders,
      content: { 'application/json': { schema: Store } },
    },
    ...problemResponses(
      'ORIGIN_REFUSED',
      'STORE_NOT_FOUND',
      'INVALID_STATE',
      'DATABASE_UNAVAILABLE',
      'ORCHESTRATOR_UNAVAILABLE',
    ),
  },
});

const signalResponses = {
  202: {
    description: 'The run that waits is told.',
    headers: acceptedHeaders,
    content: { 'application/json': { schema: Store } },
  },
  ...problemResponses(
    'ORIGIN_REFUSED',
    'STORE_NOT_FOUND',
    'INVALID_STATE',
    'DATABASE_UNAVAILABLE',
    'ORCHESTRATOR_UNAVAILABLE',
  ),
};

const continueStore = createRoute({
  method: 'post',
  path: '/stores/{id}/continue',
  summary: 'Do the step again that a held provision waits at',
  request: { params: StoreIdParams, body: { content: { 'application/json': { schema: ContinueStoreBody } } } },
  responses: { ...signalResponses, ...problemResponses('INVALID_REQUEST', 'MALFORMED_JSON', 'BODY_TOO_LARGE') },
});

const skipVerification = createRoute({
  method: 'post',
  path: '/stores/{id}/skip-verification',
  summary: 'Count a store that is held at its verification as ready, without proof that it sells',
  request: { params: StoreIdParams },
  responses: signalResponses,
});

const abortStore = createRoute({
  method: 'post',
  path: '/stores/{id}/abort',
  summary: 'Give up a held provision: it is undone, and the store has failed',
  request: { params: StoreIdParams },
  responses: signalResponses,
});

const undeleteStore = createRoute({
  method: 'post',
  path: '/stores/{id}/undelete',
  summary: 'Take back a delete within its window: the store comes up again with all its data',
  request: { params: StoreIdParams },
  responses: signalResponses,
});

/** `/stores` and all below it. Handlers translate; what happens is the service's to decide. */
export function storeRoutes({ stores, webUi }: { readonly stores: StoreService; readonly webUi: WebUi }) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listStores, async (c) => {
    const { limit, offset, status, engine } = c.req.valid('query');
    const page = await stores.list(requestOf(c), { limit, offset, status, engine });
    const data = page.stores.map((store) => toStoreResource(store, webUi));
    return c.json({ data, pagination: { limit, offset, total: page.total } }, 200);
  });

  routes.openapi(createStore, async (c) => {
    const idempotencyKey = c.req.valid('header')['Idempotency-Key'];
    const { store, replayed } = await stores.create(requestOf(c), { idempotencyKey, body: c.req.valid('json') });
    if (replayed) c.header('Idempotency-Replayed', 'true');
    addPollingHeaders(c, store.id);
    return c.json(toStoreResource(store, webUi), 202);
  });

  routes.openapi(getStore, async (c) => {
    const store = await stores.get(requestOf(c), c.req.valid('param').id);
    return c.json(toStoreResource(store, webUi), 200);
  });

  routes.openapi(listStoreEvents, async (c) => {
    const data = await stores.listEvents(requestOf(c), c.req.valid('param').id);
    return c.json({ data }, 200);
  });

  for (const [route, verb] of [
    [retryStore, (request: RequestContext, id: string) => stores.retry(request, id)],
    [cancelStore, (request: RequestContext, id: string) => stores.cancel(request, id)],
    [
      skipVerification,
      (request: RequestContext, id: string) => stores.signal(request, id, { action: 'skip-verification' }),
    ],
    [abortStore, (request: RequestContext, id: string) => stores.signal(request, id, { action: 'abort' })],
    [undeleteStore, (request: RequestContext, id: string) => stores.signal(request, id, { action: 'undelete' })],
  ] as const) {
    routes.openapi(route, async (c) => {
      const store = await verb(requestOf(c), c.req.valid('param').id);
      addPollingHeaders(c, store.id);
      return c.json(toStoreResource(store, webUi), 202);
    });
  }

  routes.openapi(deleteStore, async (c) => {
    const store = await stores.delete(requestOf(c), c.req.valid('param').id, c.req.valid('json'));
    addPollingHeaders(c, store.id);
    return c.json(toStoreResource(store, webUi), 202);
  });

  routes.openapi(continueStore, async (c) => {
    const { overrides } = c.req.valid('json');
    const store = await stores.signal(requestOf(c), c.req.valid('param').id, { action: 'continue', overrides });
    addPollingHeaders(c, store.id);
    return c.json(toStoreResource(store, webUi), 202);
  });

  return routes;
}

function requestOf(c: Context<AppEnv>): RequestContext {
  return { caller: c.var.caller, correlationId: c.var.requestId, log: c.var.log };
}

/** Tells where to watch the work that was accepted. */
function addPollingHeaders(c: Context<AppEnv>, storeId: string): void {
  c.header('Location', `/api/stores/${storeId}`);
  c.header('Retry-After', String(POLL_AFTER_SECONDS));
}
