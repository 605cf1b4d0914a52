import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import type { Store } from '../../api/contract/store.ts';
import { TRACE_HEADER } from '../../domain/trace-context.ts';
import { workflowIdOf } from '../../domain/names.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { installRuntime } from '../../worker/runtime.ts';
import { traceSinks } from '../../worker/traces.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../harness/otlp-receiver.ts';
import { startApiProcess, startWorkerProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { createDatabase, eventually, kubeClients, testStack } from '../harness/stack/stack.ts';
import { createTemporalNamespace } from '../harness/stack/temporal-namespace.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER_SPAN = '00f067aa0ba902b7';
const CALLER = `00-${TRACE_ID}-${CALLER_SPAN}-01`;
const CORRELATION_ID = 'order-of-acme-shoes';
/** Shorter values are words that appear everywhere, such as user names. */
const SHORTEST_SECRET = 12;
/** Fewer characters of a request would not be found if they were there. */
const SENT_BY_CALLERS = ['Bearer-of-a-secret', 'Acme Shoes of Erewhon', 'no-such-filter'];

let database: Awaited<ReturnType<typeof createDatabase>>;
let temporal: Awaited<ReturnType<typeof createTemporalNamespace>>;
let receiver: OtlpReceiver;
let api: Awaited<ReturnType<typeof startApiProcess>>;
let worker: PlatformProcess;
let store: Store;

beforeAll(async () => {
  [database, temporal, receiver] = await Promise.all([
    createDatabase(),
    createTemporalNamespace(),
    startOtlpReceiver(),
  ]);
  const env = {
    ...testStack(),
    DATABASE_URL: database.url,
    TEMPORAL_NAMESPACE: temporal.namespace,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    LOG_LEVEL: 'debug',
  };
  [api, worker] = await Promise.all([startApiProcess(env), startWorkerProcess(env)]);
  const { storeId } = await request('POST', '/api/stores', {
    headers: { traceparent: CALLER, 'x-correlation-id': CORRELATION_ID },
    body: { name: 'Acme Shoes of Erewhon', engine: 'medusa' },
  });
  await request('GET', '/api/stores?filter=no-such-filter');
  store = await eventually(
    async () => {
      const found = await request('GET', `/api/stores/${storeId}`);
      if (found.status === 'ready') return found;
      throw new Error(`the store is ${found.status}`);
    },
    { deadlineMs: 240_000 },
  );
  await eventually(() => spansOf('RunWorkflow:provisionStore').length === 1);
}, 600_000);
afterAll(async () => {
  await api.kill('SIGKILL');
  await worker.kill('SIGKILL');
  await receiver.close();
  await temporal.close();
  await database.drop();
});

async function request(
  method: string,
  path: string,
  init: { readonly headers?: Readonly<Record<string, string>>; readonly body?: object } = {},
): Promise<Store> {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      authorization: 'Bearer Bearer-of-a-secret',
      ...init.headers,
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  return (await response.json()) as Store;
}

const inTrace = (): readonly ReceivedSpan[] => receiver.spans.filter(({ traceId }) => traceId === TRACE_ID);
const spansOf = (name: string): readonly ReceivedSpan[] => inTrace().filter((span) => span.name === name);

/** Returns the only span of this name in the trace of the provision. */
function spanOf(name: string): ReceivedSpan {
  const [span, ...others] = spansOf(name);
  if (span === undefined || others.length > 0) {
    const names = inTrace().map((each) => each.name);
    throw new Error(`the trace has ${others.length + (span === undefined ? 0 : 1)} spans ${name}: ${names.join(', ')}`);
  }
  return span;
}

function parentOf(span: ReceivedSpan): ReceivedSpan {
  const parent = inTrace().find(({ spanId }) => spanId === span.parentSpanId);
  if (parent === undefined) throw new Error(`the parent of ${span.name} is not in the trace`);
  return parent;
}

describe('the trace of a provision', () => {
  test('goes from the request of the caller to the run', () => {
    const posted = spanOf('POST /api/stores');
    expect(posted).toMatchObject({ service: 'store-platform-api', kind: 2, parentSpanId: CALLER_SPAN });
    expect(posted.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/api/stores',
      'http.response.status_code': 202,
      'store_platform.correlation_id': CORRELATION_ID,
      'store_platform.tenant_id': expect.any(String),
    });
    const start = spanOf('StartWorkflow:provisionStore');
    expect(start).toMatchObject({ service: 'store-platform-api', kind: 3 });
    expect(parentOf(start)).toBe(posted);
    const run = spanOf('RunWorkflow:provisionStore');
    expect(run).toMatchObject({ service: 'store-platform-worker', kind: 2 });
    expect(run.attributes).toMatchObject({
      temporalWorkflowId: workflowIdOf(store.storeId),
      'temporal.outcome': 'completed',
      'store_platform.store_id': store.storeId,
      'store_platform.correlation_id': CORRELATION_ID,
    });
    expect(parentOf(run)).toBe(start);
  });

  test('has every activity below the run, local ones too', async () => {
    const run = spanOf('RunWorkflow:provisionStore');
    const activities = inTrace().filter(({ name }) => name.startsWith('RunActivity:'));
    const names = new Set(activities.map(({ name }) => name.replace('RunActivity:', '')));
    for (const name of [
      'beginOperation',
      'ensureNamespace',
      'ensureSecrets',
      'ensureRelease',
      'awaitReady',
      'endOperation',
    ]) {
      expect(names).toContain(name);
    }
    for (const activity of activities) {
      expect(parentOf(activity)).toBe(run);
      expect(activity.attributes).toMatchObject({
        'store_platform.store_id': store.storeId,
        'store_platform.operation': 'provision',
        'store_platform.correlation_id': CORRELATION_ID,
      });
    }
  });

  test('has each run of Helm and each request to Kubernetes below its activity', () => {
    const helm = spanOf('helm upgrade');
    expect(parentOf(helm).name).toBe('RunActivity:ensureRelease');
    expect(helm.attributes).toEqual({ 'helm.release': store.releaseName, 'k8s.namespace.name': store.namespace });
    const requests = inTrace().filter(({ attributes }) => attributes['url.template'] !== undefined);
    for (const each of requests) {
      expect(parentOf(each).name).toMatch(/^RunActivity:/);
      // A name of an object in the name of a span would make a kind of span for each store.
      expect(each.name).not.toContain(store.namespace);
    }
    const names = requests.map((each) => `${parentOf(each).name} ▸ ${each.name}`);
    expect(names).toContain('RunActivity:ensureNamespace ▸ PATCH namespaces/{name}');
    expect(names).toContain('RunActivity:ensureSecrets ▸ POST namespaces/{namespace}/secrets');
  });

  test('has no span without its parent', () => {
    for (const span of inTrace().filter(({ name }) => name !== 'POST /api/stores')) parentOf(span);
  });
});

test('a request without a trace begins one of its own', () => {
  const reads = receiver.spans.filter(({ name }) => name === 'GET /api/stores/:id');
  expect(reads.length).toBeGreaterThan(0);
  expect(new Set(reads.map(({ traceId }) => traceId)).size).toBe(reads.length);
  expect(reads.every(({ parentSpanId }) => parentSpanId === '')).toBe(true);
});

test('no span has a secret of the store, a token, a body or a query', async () => {
  const { items } = await kubeClients().core.listNamespacedSecret({ namespace: store.namespace });
  const secrets = items
    .flatMap(({ data = {} }) => Object.values(data).map((value) => Buffer.from(value, 'base64').toString()))
    .filter((value) => value.length >= SHORTEST_SECRET);
  expect(secrets.length).toBeGreaterThan(2);
  const everything = receiver.requests.map(({ body }) => body.toString()).join('\n');
  for (const secret of [...secrets, ...SENT_BY_CALLERS])
    expect(everything).not.toContain(JSON.stringify(secret).slice(1, -1));
});

test('the lines that both processes log for the provision have the id of the trace', async () => {
  const linesOf = ({ output }: PlatformProcess) =>
    output()
      .split('\n')
      .filter((line) => line.includes(TRACE_ID))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  /** A span can arrive before the line, which the process writes to a pipe. */
  const logs = (process: PlatformProcess, line: object) =>
    eventually(() => {
      expect(linesOf(process)).toContainEqual(expect.objectContaining({ traceId: TRACE_ID, ...line }));
      return true;
    });
  await logs(api, { msg: 'request', spanId: spanOf('POST /api/stores').spanId });
  await logs(worker, { spanId: spanOf('RunActivity:ensureRelease').spanId });
  await logs(worker, { workflowType: 'provisionStore', spanId: spanOf('RunWorkflow:provisionStore').spanId });
});

test('the history of the run replays with its trace, and as if it had none', async () => {
  installRuntime(createLogger({ service: 'worker', level: 'silent' }));
  const options = { workflowBundle: { codePath: testStack().WORKFLOW_BUNDLE }, sinks: traceSinks(undefined) };
  const workflowId = workflowIdOf(store.storeId);
  const history = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  expect(Object.keys(started?.header?.fields ?? {})).toEqual([TRACE_HEADER]);
  await Worker.runReplayHistory(options, history, workflowId);
  delete started?.header?.fields?.[TRACE_HEADER];
  await Worker.runReplayHistory(options, history, workflowId);
});
