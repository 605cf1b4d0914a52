import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnsweringCluster, startAnsweringCluster } from '../../test/harness/platform/answering-cluster.ts';
import { startTestTracing, type TestTracing } from '../../test/harness/test-tracing.ts';
import { openKube } from './kube.ts';
import { describePath } from './kube-trace.ts';

test.each<[string, string, string | undefined]>([
  ['/version/', '/version/', undefined],
  ['/api/v1/namespaces', 'namespaces', undefined],
  ['/api/v1/namespaces/store-acme', 'namespaces/{name}', 'store-acme'],
  ['/api/v1/namespaces/store-acme/secrets', 'namespaces/{namespace}/secrets', 'store-acme'],
  ['/api/v1/namespaces/store-acme/secrets/admin', 'namespaces/{namespace}/secrets/{name}', 'store-acme'],
  ['/api/v1/namespaces/store-acme/pods/web-1/log', 'namespaces/{namespace}/pods/{name}/log', 'store-acme'],
  ['/apis/apps/v1/namespaces/store-acme/deployments/web', 'namespaces/{namespace}/deployments/{name}', 'store-acme'],
  ['/apis/apps/v1/deployments', 'deployments', undefined],
  ['/apis/apps/v1/', '/apis/apps/v1/', undefined],
  ['/k8s/clusters/c-1/api/v1/persistentvolumes/pv-1', 'persistentvolumes/{name}', undefined],
])('%s is named %j', (path, template, namespace) => {
  expect(describePath(path)).toEqual({ template, namespace });
});

describe('a request to the cluster', () => {
  let cluster: AnsweringCluster;
  let tracing: TestTracing;
  let status: number;
  let received: IncomingHttpHeaders;
  beforeEach(async () => {
    cluster = await startAnsweringCluster((request, response) => {
      received = request.headers;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'store-acme' } }));
    });
    tracing = await startTestTracing();
  });
  afterEach(async () => {
    await cluster.close();
    await tracing.receiver.close();
  });

  /** Reads a namespace, with the given status as the answer. */
  async function read(answer: number): Promise<void> {
    status = answer;
    const kube = openKube({ ...cluster, traceCall: tracing.traceCall });
    await kube.call('read the namespace', () => kube.core.readNamespace({ name: 'store-acme' })).catch(() => undefined);
  }

  test('is a span below the active one, and sends its place to the API server', async () => {
    const activity = await tracing.inSpan({ name: 'activity' }, async ({ ids }) => {
      await read(200);
      return ids;
    });
    const span = (await tracing.recorded()).find(({ name }) => name !== 'activity');
    expect(span).toMatchObject({
      name: 'GET namespaces/{name}',
      kind: 3,
      traceId: activity.traceId,
      parentSpanId: activity.spanId,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'k8s.namespace.name': 'store-acme',
        'url.template': 'namespaces/{name}',
      },
    });
    expect(received['traceparent']).toBe(`00-${activity.traceId}-${span?.spanId}-01`);
  });

  test.each([
    [404, { code: 0 }],
    [409, { code: 0 }],
    [403, { code: 2 }],
    [503, { code: 2 }],
  ])('with the answer %i has the status %j', async (answer, expected) => {
    await tracing.inSpan({ name: 'activity' }, () => read(answer));
    const span = (await tracing.recorded()).find(({ name }) => name !== 'activity');
    expect(span?.attributes).toMatchObject({ 'http.response.status_code': answer });
    expect(span?.status).toEqual(expected);
  });

  test('that gets no answer fails', async () => {
    await cluster.stop();
    await tracing.inSpan({ name: 'activity' }, () => read(200));
    const span = (await tracing.recorded()).find(({ name }) => name !== 'activity');
    expect(span).toMatchObject({ attributes: { 'error.type': 'ECONNREFUSED' }, status: { code: 2 } });
  });

  test('without an active span is not recorded, and has no trace', async () => {
    await read(200);
    expect(received).not.toHaveProperty('traceparent');
    expect(await tracing.recorded()).toEqual([]);
  });
});
