import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import {
  eventStream,
  EventStreamHeaders,
  ListEventsQuery,
  ListTenantEventsQuery,
  StoreEvents,
  TenantEvents,
  TenantEventStreamHeaders,
} from '../contract/event.ts';
import { OperationIdParams } from '../contract/operation.ts';
import { linkHeader } from '../contract/pagination.ts';
import { StoreIdParams } from '../contract/store.ts';
import { linkToNext } from '../middleware/link-to-next.ts';
import { problemResponses } from '../problems/responses.ts';
import type { WebUi } from '../stores/present.ts';
import { requestOf } from '../stores/routes.ts';
import type { StoreService } from '../stores/service.ts';
import { wantsStream, type EventStreams } from './event-stream.ts';
import { operationFollowed, storeFollowed, tenantFollowed } from './followed.ts';

const listStoreEvents = createRoute({
  operationId: 'listStoreEvents',
  method: 'get',
  path: '/stores/{id}/events',
  summary: 'List the events of a store, oldest first, or follow them',
  description: 'With `Accept: text/event-stream`, the response is a stream that also sends the events that follow.',
  request: { params: StoreIdParams, query: ListEventsQuery, headers: EventStreamHeaders },
  responses: {
    200: {
      description: 'One page of events, or the stream.',
      headers: linkHeader,
      content: { 'application/json': { schema: StoreEvents }, 'text/event-stream': eventStream },
    },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'INVALID_REQUEST',
      'STORE_NOT_FOUND',
      'TOO_MANY_STREAMS',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

const listOperationEvents = createRoute({
  operationId: 'listOperationEvents',
  method: 'get',
  path: '/operations/{id}/events',
  summary: 'List the events of an operation, oldest first, or follow it until it ends',
  description:
    'With `Accept: text/event-stream`, the response is a stream. Its last message has the type `end` and contains the operation, and then the stream ends.',
  request: { params: OperationIdParams, query: ListEventsQuery, headers: EventStreamHeaders },
  responses: {
    200: {
      description: 'One page of events, or the stream.',
      headers: linkHeader,
      content: { 'application/json': { schema: StoreEvents }, 'text/event-stream': eventStream },
    },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'INVALID_REQUEST',
      'OPERATION_NOT_FOUND',
      'TOO_MANY_STREAMS',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

const listTenantEvents = createRoute({
  operationId: 'listTenantEvents',
  method: 'get',
  path: '/events',
  summary: 'List the events of all your stores, oldest first, or follow them',
  description: 'With `Accept: text/event-stream`, the response is a stream that also sends the events that follow.',
  request: { query: ListTenantEventsQuery, headers: TenantEventStreamHeaders },
  responses: {
    200: {
      description: 'One page of events, or the stream.',
      headers: linkHeader,
      content: { 'application/json': { schema: TenantEvents }, 'text/event-stream': eventStream },
    },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'TOO_MANY_STREAMS', 'DATABASE_UNAVAILABLE'),
  },
});

/** The routes that list and stream events. */
export function eventRoutes({
  stores,
  streams,
  webUi,
}: {
  readonly stores: StoreService;
  readonly streams: EventStreams;
  readonly webUi: WebUi;
}) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listStoreEvents, async (c) => {
    const query = c.req.valid('query');
    const { id } = c.req.valid('param');
    const request = requestOf(c);
    if (isStream(c)) {
      return streams.open(c, storeFollowed(stores, request, id), startOf(c.req.valid('header'), query));
    }
    const page = await stores.listEvents(request, id, query);
    return c.json(
      pageOf(c, page, query, ({ seq }) => seq),
      200,
    );
  });

  routes.openapi(listOperationEvents, async (c) => {
    const query = c.req.valid('query');
    const request = requestOf(c);
    const operation = await stores.getOperation(request, c.req.valid('param').id);
    if (isStream(c)) {
      const followed = operationFollowed(stores, request, { operation, webUi });
      return streams.open(c, followed, startOf(c.req.valid('header'), query));
    }
    const page = await stores.listEvents(request, operation.storeId, { ...query, operationId: operation.id });
    return c.json(
      pageOf(c, page, query, ({ seq }) => seq),
      200,
    );
  });

  routes.openapi(listTenantEvents, async (c) => {
    const query = c.req.valid('query');
    const request = requestOf(c);
    if (isStream(c)) return streams.open(c, tenantFollowed(stores, request), startOf(c.req.valid('header'), query));
    const events = await stores.listTenantEvents(request, query);
    const { data, pagination } = pageOf(c, events, query, ({ tenantSeq }) => tenantSeq);
    return c.json({ data, pagination: { ...pagination, lastSeq: await stores.lastTenantSeq(request) } }, 200);
  });

  return routes;
}

function isStream(c: Context<AppEnv>): boolean {
  return wantsStream(c.req.header('accept'));
}

/** Browsers repeat the query of the first connection, so the header of a later one decides. */
function startOf(
  { 'Last-Event-ID': lastEventId }: { readonly 'Last-Event-ID'?: number | undefined },
  { after }: { readonly after: number },
): number {
  return lastEventId ?? after;
}

function pageOf<Event>(
  c: Context<AppEnv>,
  { events, hasMore }: { readonly events: readonly Event[]; readonly hasMore: boolean },
  { after, limit }: { readonly after: number; readonly limit: number },
  numberOf: (event: Event) => number,
) {
  const last = events.at(-1);
  const nextAfter = hasMore && last !== undefined ? numberOf(last) : null;
  if (nextAfter !== null) linkToNext(c, { after: String(nextAfter) });
  return { data: events, pagination: { limit, after, nextAfter } };
}
