import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noAuthentication } from '../auth/authenticator.ts';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import {
  CALLER,
  CALLER_SPAN_ID,
  CALLER_TRACE_ID,
  startTestTracing,
  type TestTracing,
} from '../../test/harness/test-tracing.ts';

let tracing: TestTracing;
let api: ReturnType<typeof fakeApi>;
beforeEach(async () => {
  tracing = await startTestTracing();
  api = fakeApi({ tracing, authenticators: [noAuthentication] });
});
afterEach(() => tracing.receiver.close());

test('a request is a span with the path of its route, below the span of the caller', async () => {
  const { storeId } = await api.newStore();
  await api.app.request(`/api/stores/${storeId}?secret-word=1`, {
    headers: { ...CALLER, 'x-correlation-id': 'c-1', authorization: 'Bearer secret-word' },
  });
  const [span] = (await tracing.recorded()).filter(({ name }) => name === 'GET /api/stores/:id');
  expect(span).toMatchObject({ traceId: CALLER_TRACE_ID, parentSpanId: CALLER_SPAN_ID, kind: 2, status: { code: 0 } });
  expect(span?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.route': '/api/stores/:id',
    'http.response.status_code': 200,
    'store_platform.correlation_id': 'c-1',
    'store_platform.tenant_id': expect.any(String),
  });
  expect(tracing.receiver.requests.map(({ body }) => body.toString()).join()).not.toContain('secret-word');
});

test('a path without a route is not part of the name', async () => {
  await api.app.request('/api/secret-word');
  await api.app.request('/invitations/secret-word');
  const names = (await tracing.recorded()).map(({ name }) => name);
  expect(names).toHaveLength(2);
  expect(names.join()).not.toContain('secret-word');
});

test('only an error of the platform fails the span', async () => {
  api.records.fault = new Error('a bug');
  await api.app.request('/api/stores');
  api.records.fault = undefined;
  await api.app.request('/api/stores/00000000-0000-4000-8000-000000000000');
  const [failed, missing] = await tracing.recorded();
  expect(failed?.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': 'INTERNAL' });
  expect(failed?.status).toEqual({ code: 2 });
  expect(missing).toMatchObject({
    attributes: { 'http.response.status_code': 404, 'store_platform.problem': 'STORE_NOT_FOUND' },
    status: { code: 0 },
  });
});

test('requests for health are no spans', async () => {
  await api.app.request('/health/live');
  await api.app.request('/health/ready');
  expect(await tracing.recorded()).toEqual([]);
});

test('the lines of a request have the ids of its span', async () => {
  await api.app.request('/api/stores', { headers: CALLER });
  const [span] = await tracing.recorded();
  expect(api.logLines).toContainEqual(
    expect.objectContaining({ msg: 'request', traceId: CALLER_TRACE_ID, spanId: span?.spanId }),
  );
});
