import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AdminRecords } from '../../db/admin/admin-records.ts';
import { StoreError } from '../../domain/failure.ts';
import type { RemovalRecords } from '../../domain/ports/removal-records.ts';
import type { ClusterRecords } from '../../domain/ports/cluster-records.ts';
import type { StatisticsRecords } from '../../domain/ports/statistics-records.ts';
import type { ScheduleControl } from '../../domain/ports/schedules.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { UnaccountedRecords } from '../../domain/ports/unaccounted-records.ts';
import type { RemovalState } from '../../domain/removals.ts';
import type { SeenUnaccounted, UnaccountedDecision } from '../../domain/unaccounted.ts';
import type { AppEnv } from '../app-env.ts';
import {
  ListUnaccountedQuery,
  NamespaceParam,
  Removals,
  Unaccounted as UnaccountedSchema,
  UnaccountedPage,
  type Unaccounted,
} from '../contract/admin.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';

export interface AdminRoutes {
  readonly unaccounted: Pick<UnaccountedRecords, 'list' | 'decide'>;
  readonly removals: Pick<RemovalRecords, 'state' | 'confirm'>;
  readonly operations: Pick<StoreOperations, 'start'>;
  /** The stores of all tenants. */
  readonly records: AdminRecords;
  readonly schedules: ScheduleControl;
  readonly clusters: ClusterRecords;
  readonly statistics: StatisticsRecords;
  readonly now: () => Date;
}

type RequestOfOperator = Context<AppEnv>;

const listUnaccounted = createRoute({
  operationId: 'listUnaccounted',
  method: 'get',
  path: '/admin/unaccounted',
  summary: 'List namespaces with data whose stores have no record, oldest first',
  description:
    'For operators. The platform never removes such a namespace by itself. The list is as of the last pass of the reconciler.',
  request: { query: ListUnaccountedQuery },
  responses: {
    200: { description: 'One page of unaccounted namespaces.', content: json(UnaccountedPage) },
    ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
});

/** Route of a decision. */
function decisionRoute<D extends UnaccountedDecision>(decision: D, summary: string, description: string) {
  return createRoute({
    operationId: `${decision}Unaccounted`,
    method: 'post',
    path: `/admin/unaccounted/{namespace}/${decision}`,
    summary,
    description,
    request: { params: NamespaceParam },
    responses: {
      202: { description: 'The decision is recorded.', content: json(UnaccountedSchema) },
      ...problemResponses(
        'ORIGIN_REFUSED',
        'HOST_NOT_ALLOWED',
        'INVALID_REQUEST',
        'NAMESPACE_NOT_FOUND',
        'NAMESPACE_RECORDED',
        'DATABASE_UNAVAILABLE',
      ),
    },
  });
}

const adopt = decisionRoute(
  'adopt',
  'Create the record of the store again, from its namespace',
  'The store counts in the quota of its tenant again. A repeated request changes nothing.',
);
const keep = decisionRoute('keep', 'Keep the namespace as it is', 'The decision stays until another one replaces it.');
const remove = decisionRoute(
  'remove',
  'Delete the namespace with its data',
  'A worker checks again that the namespace is the same and that its store has no record. While removals are paused, it waits.',
);

const getRemovals = createRoute({
  operationId: 'getRemovals',
  method: 'get',
  path: '/admin/removals',
  summary: 'Return whether the reconciler may remove objects',
  description: 'For operators. The reconciler pauses all removals when the database may have been restored.',
  responses: {
    200: { description: 'The state of removals.', content: json(Removals) },
    ...problemResponses('HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE'),
  },
});

const resumeRemovals = createRoute({
  operationId: 'resumeRemovals',
  method: 'post',
  path: '/admin/removals/resume',
  summary: 'Confirm that the database is the right one, and resume removals',
  description: 'The next pass of the reconciler ends the pause. Without a pause, the request changes nothing.',
  responses: {
    202: { description: 'The confirmation is recorded.', content: json(Removals) },
    ...problemResponses('ORIGIN_REFUSED', 'HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE'),
  },
});

/** The routes below `/admin`. */
export function adminRoutes({ unaccounted, removals, operations, now }: AdminRoutes) {
  const routes = new OpenAPIHono<AppEnv>();

  async function decide(c: RequestOfOperator, namespace: string, decision: UnaccountedDecision) {
    const result = await unaccounted.decide({ namespace, decision, now: now() });
    if (result.kind === 'notFound') {
      throw new Problem(
        'NAMESPACE_NOT_FOUND',
        `The namespace ${namespace} is not in the list of unaccounted namespaces.`,
      );
    }
    if (result.kind === 'recorded') {
      throw new Problem(
        'NAMESPACE_RECORDED',
        `The namespace ${namespace} belongs to the store ${result.storeId}, which has a record.`,
      );
    }
    if (result.entry.adoptedAt === null) await carryOut(c, result.entry);
    return toUnaccounted(result.entry);
  }

  /** Starts the run of a decision. If Temporal does not answer, the next pass of the reconciler starts it. */
  async function carryOut(c: RequestOfOperator, { decision, target: store }: SeenUnaccounted): Promise<void> {
    if (decision === null || decision === 'keep') return;
    // Otherwise the run would end at once. The next pass after the pause starts it.
    if (decision === 'remove' && (await removals.state()).state !== 'active') return;
    try {
      const correlationId = c.get('requestId');
      await operations.start(decision === 'adopt' ? 'adopt' : 'cleanup', { store, correlationId });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      c.get('log').warn({ err: error, namespace: store.namespace }, 'the next pass carries out the decision');
    }
  }

  routes.openapi(listUnaccounted, async (c) => {
    const { limit, offset } = c.req.valid('query');
    const { entries, total } = await unaccounted.list({ limit, offset });
    return c.json({ data: entries.map(toUnaccounted), pagination: { limit, offset, total } }, 200);
  });
  routes.openapi(adopt, async (c) => c.json(await decide(c, c.req.valid('param').namespace, 'adopt'), 202));
  routes.openapi(keep, async (c) => c.json(await decide(c, c.req.valid('param').namespace, 'keep'), 202));
  routes.openapi(remove, async (c) => c.json(await decide(c, c.req.valid('param').namespace, 'remove'), 202));
  routes.openapi(getRemovals, async (c) => c.json(toRemovals(await removals.state()), 200));
  routes.openapi(resumeRemovals, async (c) => c.json(toRemovals(await removals.confirm()), 202));
  return routes;
}

function toUnaccounted({ namespace, target, evidence, decision, problem, ...entry }: SeenUnaccounted): Unaccounted {
  const { cluster, storeId, tenantId, name, engine } = target;
  return {
    cluster,
    namespace,
    storeId,
    tenantId,
    name,
    engine,
    evidence,
    firstSeen: entry.firstSeen.toISOString(),
    lastSeen: entry.lastSeen.toISOString(),
    decision,
    decidedAt: entry.decidedAt?.toISOString() ?? null,
    adoptedAt: entry.adoptedAt?.toISOString() ?? null,
    problem,
  };
}

function toRemovals({ state, reason, since }: RemovalState): Removals {
  return { state, reason, since: since?.toISOString() ?? null };
}
