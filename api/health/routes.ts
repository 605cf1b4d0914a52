import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { ClusterRecords } from '../../domain/ports/cluster-records.ts';
import { Checks } from '../contract/health.ts';
import { Nodes } from '../contract/nodes.ts';
import { Problem } from '../problems/problem.ts';
import type { Health, HealthReport } from './health.ts';
import { publicProblemResponses } from '../problems/responses.ts';

const Live = z.strictObject({ status: z.literal('up') }).openapi('Live');
const Ready = z
  .strictObject({
    status: z.enum(['up', 'degraded']).openapi({
      description:
        '`degraded`: Temporal is down. The API still accepts creates and deletes, and their runs start later.',
    }),
    checks: Checks,
  })
  .openapi('Ready');
const Summary = z
  .strictObject({
    status: z.enum(['up', 'degraded', 'down', 'shutting-down']),
    checks: Checks,
    uptimeSeconds: z.int(),
    authentication: z.string().openapi({
      example: 'local',
      description: 'How people log in: `local`, `oidc` or `local,oidc`. `none`: authentication is off.',
    }),
    nodes: Nodes,
  })
  .openapi('Health');

const live = createRoute({
  operationId: 'getLiveness',
  method: 'get',
  path: '/live',
  summary: 'Report whether the process is alive',
  responses: {
    200: { description: 'The process is alive.', content: { 'application/json': { schema: Live } } },
    ...publicProblemResponses(),
  },
});

const ready = createRoute({
  operationId: 'getReadiness',
  method: 'get',
  path: '/ready',
  summary: 'Report whether the API can serve requests',
  responses: {
    200: { description: 'The database answers.', content: { 'application/json': { schema: Ready } } },
    ...publicProblemResponses('NOT_READY'),
  },
});

const summary = createRoute({
  operationId: 'getHealth',
  method: 'get',
  path: '/',
  summary: 'Summarize the health of the API',
  responses: {
    200: {
      description: 'The state of the API. The status is 200 even if a check fails.',
      content: { 'application/json': { schema: Summary } },
    },
    ...publicProblemResponses(),
  },
});

/**
 * The routes below `/health`.
 *
 * @param authentication The setting AUTH.
 */
export function healthRoutes(health: Health, authentication: string, clusters: Pick<ClusterRecords, 'nodes'>) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(live, (c) => c.json({ status: 'up' as const }, 200));

  routes.openapi(ready, async (c) => {
    if (health.isShuttingDown()) throw new Problem('NOT_READY', 'The API is shutting down.');
    const { status, checks } = await health.check();
    if (status === 'down') {
      throw new Problem('NOT_READY', `These services are down: ${downIn(checks).join('; ')}.`, {
        extensions: { checks },
      });
    }
    return c.json({ status, checks }, 200);
  });

  routes.openapi(summary, async (c) => {
    const report = await health.check();
    const status = health.isShuttingDown() ? 'shutting-down' : report.status;
    const uptimeSeconds = Math.floor(process.uptime());
    const nodes = report.status === 'down' ? 'unknown' : await clusters.nodes().catch(() => 'unknown' as const);
    return c.json({ status, checks: report.checks, uptimeSeconds, authentication, nodes } as const, 200);
  });

  return routes;
}

function downIn(checks: HealthReport['checks']): readonly string[] {
  return Object.entries(checks).flatMap(([name, check]) =>
    check.status === 'down' ? [`${name} (${check.reason})`] : [],
  );
}
