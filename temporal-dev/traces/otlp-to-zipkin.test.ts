import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openTracing } from '../../telemetry/tracing/tracing.ts';
import { freePort } from '../processes/ports.ts';
import { startOtlpBridge, type OtlpBridge } from './otlp-bridge.ts';
import type { ZipkinSpan } from './otlp-to-zipkin.ts';

/** An HTTP server in place of Zipkin. `zipkin.stack.test.ts` tests the real one. */
let zipkin: ReturnType<typeof createServer>;
let bridge: OtlpBridge;
let received: ZipkinSpan[];
let status: number;
beforeEach(async () => {
  received = [];
  status = 202;
  zipkin = createServer((request, response) => {
    void json(request).then((spans) => received.push(...(spans as ZipkinSpan[])));
    request.on('end', () => response.writeHead(status).end());
  });
  await new Promise<void>((resolve) => void zipkin.listen(0, '127.0.0.1', resolve));
  const { port } = zipkin.address() as AddressInfo; // a TCP server has this type of address
  bridge = await startOtlpBridge({ port: await freePort(), zipkinUrl: `http://127.0.0.1:${port}` });
});
afterEach(async () => {
  await bridge.close();
  zipkin.closeAllConnections();
  await new Promise((resolve) => zipkin.close(resolve));
});

async function open() {
  const tracing = await openTracing(
    {
      url: `${bridge.url}/v1/traces`,
      protocol: 'http/json',
      serviceName: 'store-platform-api',
      sampler: 'always_on',
      samplerRatio: 1,
    },
    { onError: () => {} },
  );
  if (tracing === undefined) throw new Error('tracing is off');
  return tracing;
}

test('spans of the platform arrive in Zipkin with their tree, kinds, attributes and errors', async () => {
  const tracing = await open();
  await tracing.inSpan(
    { name: 'POST /api/stores', kind: 'server', attributes: { 'http.response.status_code': 202 } },
    () => tracing.traceCall({ name: 'helm upgrade' }, async (span) => span?.fail('RELEASE_FAILED', 'no such chart')),
  );
  await tracing.shutDown();
  const [helm, request] = received;
  expect(request).toEqual({
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    kind: 'SERVER',
    name: 'POST /api/stores',
    timestamp: expect.any(Number),
    duration: expect.any(Number),
    localEndpoint: { serviceName: 'store-platform-api' },
    tags: { 'http.response.status_code': '202' },
  });
  expect(Math.abs((request?.timestamp ?? 0) / 1_000 - Date.now())).toBeLessThan(60_000);
  expect(helm).toMatchObject({ traceId: request?.traceId, parentId: request?.id, name: 'helm upgrade' });
  expect(helm).not.toHaveProperty('kind');
  expect(helm?.tags).toEqual({ 'error.type': 'RELEASE_FAILED', error: 'no such chart' });
  expect(Number.isInteger(helm?.duration) && (helm?.duration ?? 0) >= 1).toBe(true);
});

test.each([
  ['GET', '/v1/traces', undefined, 404],
  ['POST', '/v1/metrics', '{}', 404],
  ['POST', '/v1/traces', 'nonsense', 400],
  ['POST', '/v1/traces', '{"resourceSpans":[{"spans":1}]}', 400],
  ['POST', '/v1/traces', '{"resourceSpans":[]}', 200],
])('the bridge answers %s %s with the body %j by %i', async (method, path, body, expected) => {
  const response = await fetch(`${bridge.url}${path}`, { method, ...(body === undefined ? {} : { body }) });
  expect(response.status).toBe(expected);
});

test('the bridge lets the sender try again while Zipkin does not accept spans', async () => {
  status = 503;
  const send = () => fetch(`${bridge.url}/v1/traces`, { method: 'POST', body: '{"resourceSpans":[]}' });
  expect((await send()).status).toBe(503);
  zipkin.closeAllConnections();
  await new Promise((resolve) => zipkin.close(resolve));
  expect((await send()).status).toBe(503);
});
