import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ClusterRecords } from '../../domain/ports/cluster-records.ts';
import {
  scheduleKeyOf,
  type ScheduleControl,
  type ScheduleKey,
  type ScheduleState,
} from '../../domain/ports/schedules.ts';
import { actorOf } from '../../domain/access/principal.ts';
import type { AppEnv } from '../app-env.ts';
import {
  PauseScheduleBody,
  Schedule as ScheduleSchema,
  ScheduleList,
  ScheduleParam,
  ScheduleQuery,
  type Schedule,
} from '../contract/operator.ts';
import type { ProblemCode } from '../problems/catalogue.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';

const listSchedules = createRoute({
  operationId: 'listSchedules',
  method: 'get',
  path: '/admin/schedules',
  summary: 'List the schedules of the reconciler',
  description:
    'For operators: the schedules of the installation, and those of each cluster. The schedules of a cluster exist once a worker of it has started.',
  responses: {
    200: { description: 'The schedules.', content: json(ScheduleList) },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'DATABASE_UNAVAILABLE',
      'ORCHESTRATOR_UNAVAILABLE',
      'ORCHESTRATOR_REJECTED',
    ),
  },
});

/** Responses to a change of a schedule. */
function changed(...problems: readonly ProblemCode[]) {
  return {
    200: { description: 'The schedule after the change.', content: json(ScheduleSchema) },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'ORIGIN_REFUSED',
      'SCHEDULE_NOT_FOUND',
      'DATABASE_UNAVAILABLE',
      'ORCHESTRATOR_UNAVAILABLE',
      'ORCHESTRATOR_REJECTED',
      ...problems,
    ),
  };
}

/** Route of a change of a schedule. */
function changeRoute(action: 'resume' | 'trigger', summary: string, description: string) {
  return createRoute({
    operationId: `${action}Schedule`,
    method: 'post',
    path: `/admin/schedules/{name}/${action}`,
    summary,
    description,
    request: { params: ScheduleParam, query: ScheduleQuery },
    responses: changed(),
  });
}

const pause = createRoute({
  operationId: 'pauseSchedule',
  method: 'post',
  path: '/admin/schedules/{name}/pause',
  summary: 'Pause a schedule of the reconciler',
  description: 'No further run starts. A run that is open continues. The pause stays when workers restart.',
  middleware: optionalJson,
  request: { params: ScheduleParam, query: ScheduleQuery, body: { content: json(PauseScheduleBody) } },
  responses: changed('INVALID_REQUEST', 'MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
});
const resume = changeRoute('resume', 'Resume a schedule of the reconciler', 'Runs start again at the next interval.');
const trigger = changeRoute(
  'trigger',
  'Start a run of a schedule now',
  'Also works while the schedule is paused. If a run of the schedule is open, no second one starts.',
);

/** The routes below `/admin/schedules`. */
export function scheduleRoutes(schedules: ScheduleControl, clusters: Pick<ClusterRecords, 'list'>) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listSchedules, async (c) => {
    const names = (await clusters.list()).map(({ name }) => name);
    return c.json({ data: (await schedules.list(names)).map(toSchedule) }, 200);
  });
  routes.openapi(pause, async (c) => {
    const key = scheduleKeyOf(c.req.valid('param').name, c.req.valid('query').cluster);
    const { reason } = c.req.valid('json');
    return c.json(found(key, await schedules.pause(key, noteOf(c, 'Paused', reason))), 200);
  });
  routes.openapi(resume, async (c) => {
    const key = scheduleKeyOf(c.req.valid('param').name, c.req.valid('query').cluster);
    return c.json(found(key, await schedules.resume(key, noteOf(c, 'Resumed'))), 200);
  });
  routes.openapi(trigger, async (c) => {
    const key = scheduleKeyOf(c.req.valid('param').name, c.req.valid('query').cluster);
    return c.json(found(key, await schedules.trigger(key)), 200);
  });
  return routes;
}

function noteOf(c: Context<AppEnv>, what: string, reason?: string): string {
  const change = `${what} by ${actorOf(c.var.identity.principal)}, correlation id ${c.var.requestId}`;
  return reason === undefined ? change : `${change}: ${reason}`;
}

function found({ name, cluster }: ScheduleKey, state: ScheduleState | undefined): Schedule {
  if (state !== undefined) return toSchedule(state);
  const [schedule, worker] =
    cluster === null ? [name, 'a worker'] : [`${name} of the cluster ${cluster}`, 'a worker of the cluster'];
  throw new Problem(
    'SCHEDULE_NOT_FOUND',
    `The schedule ${schedule} does not exist yet. Start ${worker}: it creates it.`,
  );
}

function toSchedule({ lastRunAt, nextRunAt, ...state }: ScheduleState): Schedule {
  return { ...state, lastRunAt: lastRunAt?.toISOString() ?? null, nextRunAt: nextRunAt?.toISOString() ?? null };
}
