import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { entityTag, entityTagOf, notModified, versionsIn } from '../stores/entity-tag.ts';
import { ListOperationsQuery, OperationIdParams, OperationPage } from '../contract/operation.ts';
import { GetOperationQuery, OperationDetail } from '../contract/operation-detail.ts';
import { StoreIdParams } from '../contract/store.ts';
import { problemResponses } from '../problems/responses.ts';
import { toOperation, type WebUi } from '../stores/present.ts';
import { versionOf } from '../../db/index.ts';
import type { RequestContext } from '../stores/context.ts';
import { requestOf } from '../stores/routes.ts';
import type { StoreService } from '../stores/service.ts';
import type { ExpectedDurations } from './expected.ts';
import type { LongPolls } from './long-poll.ts';
import { toOperationDetail } from './present-detail.ts';

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
  summary: 'Get an operation, or wait until it changes',
  request: { params: OperationIdParams, query: GetOperationQuery },
  responses: {
    200: {
      description: 'The operation.',
      headers: entityTag,
      content: { 'application/json': { schema: OperationDetail } },
    },
    304: notModified,
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'INVALID_REQUEST',
      'OPERATION_NOT_FOUND',
      'TOO_MANY_STREAMS',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

/** The routes that read operations. */
export function operationRoutes({
  stores,
  polls,
  expected,
  webUi,
}: {
  readonly stores: StoreService;
  readonly polls: LongPolls;
  readonly expected: ExpectedDurations;
  readonly webUi: WebUi;
}) {
  const routes = new OpenAPIHono<AppEnv>();

  async function detailOf(request: RequestContext, operationId: string): Promise<OperationDetail> {
    const operation = await stores.getOperation(request, operationId);
    const [progress, retry] = await Promise.all([
      stores.getProgress(request, operation),
      stores.getRetry(request, operation),
    ]);
    const { kind, tenantId } = operation;
    const durations = await expected.of({ kind, engine: progress.engine, tenantId });
    return toOperationDetail(operation, { progress, retry, expected: durations, webUi });
  }

  routes.openapi(listOperations, async (c) => {
    const { limit, offset } = c.req.valid('query');
    const page = await stores.listOperations(requestOf(c), c.req.valid('param').id, { limit, offset });
    const data = page.operations.map((operation) => toOperation(operation, webUi));
    return c.json({ data, pagination: { limit, offset, total: page.total } }, 200);
  });

  routes.openapi(getOperation, async (c) => {
    const request = requestOf(c);
    const { id } = c.req.valid('param');
    const { wait } = c.req.valid('query');
    const read = () => detailOf(request, id);
    let detail = await read();
    const known = versionsIn(c.req.header('If-None-Match')) ?? [versionOf(detail)];
    const isDone = (seen: OperationDetail) => seen.endedAt !== null || !known.includes(versionOf(seen));
    if (wait > 0 && !isDone(detail)) {
      const topic = { tenantId: request.caller.tenantId, storeId: detail.storeId };
      detail = await polls.wait(c, { topic, name: `detail ${id}`, read, isDone }, wait);
    }
    c.header('ETag', entityTagOf(detail));
    return c.json(detail, 200);
  });

  return routes;
}
