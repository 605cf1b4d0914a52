import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { Problem } from './problem.ts';
import { publicProblemResponses } from './responses.ts';
import { isProblemCode, problemKind, problemType } from './catalogue.ts';

const Explanation = z
  .strictObject({ type: z.string(), code: z.string(), status: z.int(), title: z.string(), explanation: z.string() })
  .openapi('ProblemExplanation');

const explainProblem = createRoute({
  operationId: 'explainProblem',
  method: 'get',
  path: '/problems/{name}',
  summary: 'Explain a problem and its solution',
  request: {
    params: z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'quota-exceeded' }) }),
  },
  responses: {
    200: { description: 'The explanation.', content: { 'application/json': { schema: Explanation } } },
    ...publicProblemResponses('ROUTE_NOT_FOUND'),
  },
});

/** The routes below `/problems`. The `type` of each problem is such a path. */
export function problemRoutes() {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(explainProblem, (c) => {
    const { name } = c.req.valid('param');
    const code = name.toUpperCase().replaceAll('-', '_');
    if (!isProblemCode(code) || problemType(code) !== `/problems/${name}`) {
      throw new Problem('ROUTE_NOT_FOUND', 'The API has no problem with this name.');
    }
    return c.json({ type: problemType(code), code, ...problemKind(code) }, 200);
  });
  return routes;
}
