import { expect, test } from '@jest/globals';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { refuseBadInput } from '../problems/input-errors.ts';
import { optionalJson } from './optional-json.ts';

const Body = z.strictObject({ days: z.int().default(7), note: z.string().optional() });
const route = createRoute({
  method: 'post',
  path: '/',
  middleware: optionalJson,
  request: { body: { content: { 'application/json': { schema: Body } } } },
  responses: { 200: { description: 'The body as the handler gets it.' } },
});
const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseBadInput });
app.openapi(route, (c) => c.json(c.req.valid('json')));
app.onError((error, c) => c.text(error.message, 400));

const send = (init: RequestInit) => app.request('/', { method: 'POST', ...init });

test.each<RequestInit>([
  {},
  { headers: { 'content-type': 'application/json' } },
  { headers: { 'content-type': 'application/json', 'content-length': '0' }, body: '' },
  { headers: { 'content-type': 'text/plain' }, body: '' },
  { headers: { 'content-type': 'application/json' }, body: '{}' },
])('a request without fields gets their defaults: %j', async (init) => {
  const response = await send(init);
  expect([response.status, await response.json()]).toEqual([200, { days: 7 }]);
});

test('a body is read as it is', async () => {
  const headers = { 'content-type': 'application/json' };
  const response = await send({ headers, body: JSON.stringify({ days: 1, note: 'x' }) });
  expect(await response.json()).toEqual({ days: 1, note: 'x' });
});

test.each(['\r', ' ', '{', '[]', '{"days":"1"}'])('the body %j is refused', async (body) => {
  expect((await send({ headers: { 'content-type': 'application/json' }, body })).status).toBe(400);
});
