import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CALLER as SAMPLED_CALLER,
  CALLER_SPAN_ID,
  CALLER_TRACE_ID,
  startTestTracing,
  type TestTracing,
} from '../../test/harness/test-tracing.ts';
import type { ReceivedSpan } from '../../test/harness/otlp-receiver.ts';
import { openTracing, type TracingSettings } from './tracing.ts';

/** The folders of the API and the worker. */
const FOLDERS = [
  'activities',
  'api',
  'config',
  'db',
  'domain',
  'telemetry',
  'temporal',
  'webhooks',
  'worker',
  'workflows',
];
const CALLER = { ...SAMPLED_CALLER, tracestate: 'vendor=1' };

let tracing: TestTracing;
beforeEach(async () => {
  tracing = await startTestTracing();
});
afterEach(() => tracing.receiver.close());

/** Returns the recorded spans by name. */
async function recorded(): Promise<Readonly<Record<string, ReceivedSpan>>> {
  return Object.fromEntries((await tracing.recorded()).map((span) => [span.name, span]));
}

test('is off without an endpoint', async () => {
  const settings = { url: undefined, protocol: 'http/json', serviceName: 'a', samplerRatio: 1 } as const;
  const opened = await openTracing({ ...settings, sampler: 'always_on' }, { onError: () => {} });
  expect(opened).toBeUndefined();
});

test('the SDK of OpenTelemetry is loaded by an import that runs only with an endpoint', async () => {
  const importers = /^(?:import (?!type ).*|\}) from '(?:@opentelemetry\/.*|.*\/opentelemetry\.ts)';$/m;
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, String(file))),
  );
  const sources = files.filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('node_modules'),
  );
  expect(sources.length).toBeGreaterThan(300);
  expect(sources.filter((file) => importers.test(readFileSync(file, 'utf8')))).toEqual([
    'telemetry/tracing/opentelemetry.ts',
  ]);
});

describe('a span', () => {
  test('continues the trace of the caller, and is the parent of what runs in it', async () => {
    const inner = await tracing.inSpan({ name: 'outer', kind: 'server', parent: CALLER }, async (outer) => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(tracing.logFields()).toEqual(outer.ids);
      return tracing.traceCall(
        { name: 'inner', kind: 'client', attributes: { a: 1, b: undefined } },
        async (span) => span,
      );
    });
    expect(tracing.logFields()).toEqual({});
    const spans = await recorded();
    expect(spans['outer']).toMatchObject({
      service: 'test',
      traceId: CALLER_TRACE_ID,
      parentSpanId: CALLER_SPAN_ID,
      kind: 2,
    });
    expect(spans['inner']).toMatchObject({
      traceId: CALLER_TRACE_ID,
      parentSpanId: spans['outer']?.spanId,
      kind: 3,
      attributes: { a: 1 },
    });
    expect(inner?.headers).toEqual({
      traceparent: `00-${CALLER_TRACE_ID}-${spans['inner']?.spanId}-01`,
      tracestate: 'vendor=1',
    });
  });

  test.each([{}, { traceparent: 'nonsense' }, { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` }])(
    'begins a trace with a caller that sends %j',
    async (parent) => {
      await tracing.inSpan({ name: 'request', parent }, async () => undefined);
      const { request } = await recorded();
      expect(request?.parentSpanId).toBe('');
      expect(request?.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    },
  );

  test('is not recorded below no span', async () => {
    expect(await tracing.traceCall({ name: 'alone' }, async (span) => span)).toBeUndefined();
    expect(await recorded()).toEqual({});
  });

  test('of a run has the id that the activities of the run name as their parent', async () => {
    const run = {
      name: 'run',
      parent: CALLER,
      spanId: '0123456789abcdef',
      startMs: 1_000,
      endMs: 2_000,
      attributes: {},
    };
    tracing.recordRun({ ...run, failure: { type: 'CRASH_LOOP', message: 'the container web keeps crashing' } });
    await tracing.inSpan({ name: 'next' }, async () => undefined);
    const spans = await recorded();
    expect(spans['run']).toMatchObject({
      traceId: CALLER_TRACE_ID,
      spanId: '0123456789abcdef',
      parentSpanId: CALLER_SPAN_ID,
      attributes: { 'error.type': 'CRASH_LOOP' },
      status: { code: 2, message: 'the container web keeps crashing' },
    });
    expect(spans['next']?.spanId).not.toBe('0123456789abcdef');
  });
});

describe('an error', () => {
  const named = (name: string, message: string, fields = {}): Error =>
    Object.assign(new Error(message), { name, ...fields });

  test.each<[string, Error, object, object]>([
    [
      'with a failure code is recorded with its message',
      named('StoreError', 'the volume is pending', { code: 'VOLUME_PENDING' }),
      { 'error.type': 'VOLUME_PENDING' },
      { code: 2, message: 'the volume is pending' },
    ],
    [
      'of another library is recorded without its message, which may hold a secret',
      named('DatabaseError', 'password "hunter2" is wrong', { code: '28P01' }),
      { 'error.type': 'DatabaseError' },
      { code: 2 },
    ],
    [
      'of a cancelled activity is no failure',
      named('CancelledFailure', 'cancelled'),
      { 'store_platform.cancelled': true },
      { code: 0 },
    ],
  ])('%s', async (_, error, attributes, status) => {
    await expect(tracing.inSpan({ name: 'work' }, () => Promise.reject(error))).rejects.toBe(error);
    const { work } = await recorded();
    expect(work?.attributes).toEqual(attributes);
    expect(work?.status).toEqual(status);
  });

  test('that the caller expects is no failure', async () => {
    const failing = tracing.inSpan({ name: 'start' }, () => Promise.reject(new Error('again')), {
      isExpected: () => true,
    });
    await expect(failing).rejects.toThrow('again');
    expect((await recorded())['start']?.status).toEqual({ code: 0 });
  });
});

describe('a sampler', () => {
  const unsampled = { traceparent: CALLER.traceparent.replace(/01$/, '00') };

  test.each<[Partial<TracingSettings>, object, number]>([
    [{ sampler: 'parentbased_always_on' }, CALLER, 1],
    [{ sampler: 'parentbased_always_on' }, unsampled, 0],
    [{ sampler: 'parentbased_always_off' }, {}, 0],
    [{ sampler: 'parentbased_traceidratio', samplerRatio: 0 }, {}, 0],
    [{ sampler: 'parentbased_traceidratio', samplerRatio: 0 }, CALLER, 1],
    [{ sampler: 'traceidratio', samplerRatio: 0 }, CALLER, 0],
    [{ sampler: 'always_on' }, unsampled, 1],
    [{ sampler: 'always_off' }, CALLER, 0],
  ])('%j with %j records %i span', async (settings, parent, count) => {
    const sampled = await startTestTracing(settings);
    const { traceparent } = await sampled.inSpan({ name: 'request', parent }, async ({ headers }) => headers);
    expect(await sampled.recorded()).toHaveLength(count);
    await sampled.receiver.close();
    expect(traceparent).toMatch(count === 1 ? /-01$/ : /-00$/);
  });
});

test('sends protobuf, which every collector reads', async () => {
  const binary = await startTestTracing({ protocol: 'http/protobuf' });
  await binary.inSpan({ name: 'POST /api/stores' }, async () => undefined);
  await binary.recorded();
  const [request] = binary.receiver.requests;
  expect(request).toMatchObject({ path: '/v1/traces', contentType: 'application/x-protobuf' });
  expect(request?.body.includes('POST /api/stores')).toBe(true);
  await binary.receiver.close();
});

test.each(['http/protobuf', 'http/json'] as const)('sends the headers of the settings with %s', async (protocol) => {
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'Authorization=Bearer%20a%2Cb,x-org=acme\n';
  process.env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] = 'x-org=shops';
  try {
    const withHeaders = await startTestTracing({ protocol });
    await withHeaders.inSpan({ name: 'POST /api/stores' }, async () => undefined);
    await withHeaders.recorded();
    expect(withHeaders.receiver.requests).toMatchObject([
      { headers: { authorization: 'Bearer a,b', 'x-org': 'shops' } },
    ]);
    await withHeaders.receiver.close();
  } finally {
    delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
    delete process.env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'];
  }
});
