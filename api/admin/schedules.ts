import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ScheduleControl, ScheduleName, ScheduleState } from '../../domain/ports/schedules.ts';
import { actorOf } from '../../domain/access/principal.ts';
import type { AppEnv } from '../app-env.ts';
import {
  PauseScheduleBody,
  Schedule as ScheduleSchema,
  ScheduleList,
  ScheduleParam,
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
  description: 'For operators. A schedule exists once a worker has started.',
  responses: {
    200: { description: 'The schedules.', content: json(ScheduleList) },
    ...problemResponses('HOST_NOT_ALLOWED', 'ORCHESTRATOR_UNAVAILABLE', 'ORCHESTRATOR_REJECTED'),
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
    request: { params: ScheduleParam },
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
  request: { params: ScheduleParam, body: { content: json(PauseScheduleBody) } },
  responses: changed('INVALID_REQUEST', 'MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
});
const resume = changeRoute('resume', 'Resume a schedule of the reconciler', 'Runs start again at the next interval.');
const trigger = changeRoute(
  'trigger',
  'Start a run of a schedule now',
  'Also works while the schedule is paused. If a run of the schedule is open, no second one starts.',
);

/** The routes below `/admin/schedules`. */
export function scheduleRoutes(schedules: ScheduleControl) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listSchedules, async (c) => c.json({ data: (await schedules.list()).map(toSchedule) }, 200));
  routes.openapi(pause, async (c) => {
    const { name } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    return c.json(found(name, await schedules.pause(name, noteOf(c, 'Paused', reason))), 200);
  });
  routes.openapi(resume, async (c) => {
    const { name } = c.req.valid('param');
    return c.json(found(name, await schedules.resume(name, noteOf(c, 'Resumed'))), 200);
  });
  routes.openapi(trigger, async (c) => {
    const { name } = c.req.valid('param');
    return c.json(found(name, await schedules.trigger(name)), 200);
  });
  return routes;
}

function noteOf(c: Context<AppEnv>, what: string, reason?: string): string {
  const change = `${what} by ${actorOf(c.var.identity.principal)}, correlation id ${c.var.requestId}`;
  return reason === undefined ? change : `${change}: ${reason}`;
}

function found(name: ScheduleName, state: ScheduleState | undefined): Schedule {
  if (state !== undefined) return toSchedule(state);
  throw new Problem('SCHEDULE_NOT_FOUND', `The schedule ${name} does not exist yet. Start a worker: it creates it.`);
}

function toSchedule({ lastRunAt, nextRunAt, ...state }: ScheduleState): Schedule {
  return { ...state, lastRunAt: lastRunAt?.toISOString() ?? null, nextRunAt: nextRunAt?.toISOString() ?? null };
}
