import type { RequestListener } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CancelledFailure } from '@temporalio/activity';
import { StoreError, type FailureCode } from '../../domain/failure.ts';
import { type AnsweringCluster, startAnsweringCluster } from '../../test/harness/platform/answering-cluster.ts';
import { activityEnvironment } from '../../test/harness/platform/cluster-activities.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { type Kube, openKube } from './kube.ts';

let cluster: AnsweringCluster;
let answer: RequestListener;
let kube: Kube;
let calls: number;

beforeEach(async () => {
  calls = 0;
  cluster = await startAnsweringCluster((request, response) => {
    calls += 1;
    answer(request, response);
  });
  kube = openKube({ ...cluster, callTimeoutMs: 500 });
});
afterEach(() => cluster.close());

function refuse(code: number, status: Readonly<Record<string, unknown>>): void {
  answer = (_, response) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', code, ...status }));
  };
}

const read = () => kube.call('read the namespace x', () => kube.core.readNamespace({ name: 'x' }));

test('calls without an answer end at their deadline, even when the garbage collector runs', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void; // defined by the flag
  answer = () => undefined;
  const calling = Promise.allSettled(Array.from({ length: 5 }, read));
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    collectGarbage();
  }
  for (const ended of await calling) {
    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'CLUSTER_UNAVAILABLE' } });
  }
});

test.each<[FailureCode, number, string, string]>([
  ['CLUSTER_UNAVAILABLE', 429, 'TooManyRequests', 'slow down'],
  ['CLUSTER_UNAVAILABLE', 503, 'ServiceUnavailable', 'starting'],
  ['CLUSTER_UNAVAILABLE', 500, 'InternalError', 'etcdserver: leader changed'],
  ['CLUSTER_UNAVAILABLE', 409, 'Conflict', 'the object has been modified'],
  ['CLUSTER_UNAVAILABLE', 403, 'Forbidden', 'status unknown for quota: store-quota'],
  ['NAMESPACE_QUOTA_EXCEEDED', 403, 'Forbidden', 'pods "a" is forbidden: exceeded quota: store-quota'],
  [
    'NAMESPACE_TERMINATING',
    403,
    'Forbidden',
    'unable to create new content in namespace x because it is being terminated',
  ],
  ['ADMISSION_REFUSED', 403, 'Forbidden', 'pods "a" is forbidden: violates PodSecurity "restricted:v1.32"'],
  ['ADMISSION_REFUSED', 400, 'BadRequest', 'admission webhook "a.example.com" denied the request: no'],
  ['CLUSTER_UNAVAILABLE', 403, 'Forbidden', 'User "u" cannot get resource "namespaces"'],
  ['CLUSTER_UNAVAILABLE', 410, 'Expired', 'The provided continue parameter is too old'],
  ['CLUSTER_REFUSED', 404, 'NotFound', 'namespaces "x" not found'],
  ['ADMISSION_REFUSED', 422, 'Invalid', 'spec.replicas: must be positive'],
])('%s: HTTP %i %s %s', async (code, status, reason, message) => {
  refuse(status, { reason, message });
  await expect(read()).rejects.toMatchObject({
    code,
    publicMessage: `the cluster refused to read the namespace x: ${message}`,
  });
});

test('credentials that the cluster does not accept are retried', async () => {
  refuse(401, { reason: 'Unauthorized', message: 'Unauthorized' });
  await expect(read()).rejects.toMatchObject({
    code: 'CLUSTER_UNAVAILABLE',
    publicMessage: 'the cluster did not accept the credentials of the platform for the request to read the namespace x',
  });
});

describe('a list whose continue token has expired', () => {
  const list = () =>
    kube.callPage('list the namespaces', 'old', (page) => kube.core.listNamespace({ ...page, limit: 2 }));

  /** Answers 410 to the token `old`, and a list with the query of the request as its name to any other request. */
  function expire(metadata: Readonly<Record<string, unknown>>): void {
    answer = ({ url = '' }, response) => {
      const { searchParams } = new URL(url, 'http://localhost');
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old', metadata };
      const name = searchParams.get('continue') ?? 'first';
      const page = { kind: 'NamespaceList', apiVersion: 'v1', metadata: {}, items: [{ metadata: { name } }] };
      response.writeHead(name === 'old' ? 410 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(name === 'old' ? status : page));
    };
  }

  test('continues at the same place with the token of the answer', async () => {
    expire({ continue: 'fresh' });
    expect((await list()).items[0]?.metadata?.name).toBe('fresh');
  });

  test('starts again when the answer has no token', async () => {
    expire({});
    expect((await list()).items[0]?.metadata?.name).toBe('first');
  });
});

describe('a watch', () => {
  test('closes its connection with its activity, even if the cluster never answers', async () => {
    let closed = false;
    answer = (request) => request.socket.once('close', () => (closed = true));
    const activity = new AbortController();
    const onEnd = jest.fn();
    kube.watch({ path: '/api/v1/pods', signal: activity.signal, onEvent: () => undefined, onEnd });
    await eventually(() => calls > 0);
    activity.abort();
    await eventually(() => closed);
    expect(onEnd).not.toHaveBeenCalled();
  });

  test('passes each event on, also when it arrives in parts, and reports the end of the stream', async () => {
    const event = (type: string, name: string) => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;
    const authorization: (string | undefined)[] = [];
    answer = ({ headers }, response) => {
      authorization.push(headers.authorization);
      const [start, end] = [event('ADDED', 'größe').slice(0, 40), event('ADDED', 'größe').slice(40)];
      response.writeHead(200).write(start);
      setTimeout(() => response.end(`${end}${event('BOOKMARK', 'b')}${event('DELETED', 'c')}`), 20);
    };
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      kube.watch({
        path: '/api/v1/pods',
        signal: new AbortController().signal,
        onEvent: ({ type, object }) => seen.push(`${type} ${object.metadata?.name}`),
        onEnd: resolve,
      });
    });
    expect(seen).toEqual(['ADDED größe', 'DELETED c']);
    expect(authorization).toEqual(['Bearer t']);
  });

  test('ends when its connection is lost after the first event', async () => {
    answer = ({ socket }, response) => {
      response.writeHead(200).write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n`);
      setTimeout(() => socket.resetAndDestroy(), 20);
    };
    const onEvent = jest.fn();
    const { signal } = new AbortController();
    await new Promise<void>((onEnd) => {
      kube.watch({ path: '/api/v1/pods', signal, onEvent, onEnd });
    });
    expect(onEvent).toHaveBeenCalledTimes(1);
  });

  test('closes its connection with its activity after the first event', async () => {
    let closed = false;
    answer = ({ socket }, response) => {
      socket.once('close', () => (closed = true));
      response.writeHead(200).write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n`);
    };
    const activity = new AbortController();
    const onEnd = jest.fn();
    kube.watch({ path: '/api/v1/pods', signal: activity.signal, onEvent: () => activity.abort(), onEnd });
    await eventually(() => closed);
    expect(onEnd).not.toHaveBeenCalled();
  });

  test('ends when an event cannot be handled', async () => {
    answer = (_, response) => void response.writeHead(200).write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n`);
    const onEvent = () => {
      throw new Error('the object has no UID');
    };
    const { signal } = new AbortController();
    await new Promise<void>((onEnd) => {
      kube.watch({ path: '/api/v1/pods', signal, onEvent, onEnd });
    });
  });

  test.each([401, 500])('ends when the cluster answers %i', async (status) => {
    refuse(status, {});
    const { signal } = new AbortController();
    await new Promise<void>((onEnd) => {
      kube.watch({ path: '/api/v1/pods', signal, onEvent: () => undefined, onEnd });
    });
  });
});

test('a throttled call returns its Retry-After time, at most one minute', async () => {
  const retryAfter = async (header: string) => {
    answer = (_, response) => void response.writeHead(429, { 'retry-after': header }).end('{}');
    return read().catch((error: unknown) => (error instanceof StoreError ? error.retryAfterMs : error));
  };
  expect(await retryAfter('7')).toBe(7_000);
  expect(await retryAfter('86400')).toBe(60_000);
  expect(await retryAfter('soon')).toBeUndefined();
});

test('an answer of a proxy is an error with a code', async () => {
  answer = (_, response) => void response.writeHead(502).end('<html>bad gateway</html>');
  await expect(read()).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
});

test('a status that the caller handles is not an error', async () => {
  refuse(404, { reason: 'NotFound' });
  const found = kube.callUnless(404, 'read the namespace x', () => kube.core.readNamespace({ name: 'x' }));
  expect(await found).toBeUndefined();
});

test('a cluster that does not answer does not block the call', async () => {
  answer = () => undefined;
  await expect(read()).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
});

test('a cluster that stops in the middle of an answer does not block the call', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{');
  };
  await expect(read()).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
});

test('a cluster that does not listen is unavailable', async () => {
  await cluster.stop();
  await expect(read()).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
});

test('a call ends with CancelledFailure when its activity is cancelled', async () => {
  answer = () => undefined;
  const environment = activityEnvironment();
  const running = environment.run(read);
  const stopped = expect(running).rejects.toThrow(CancelledFailure);
  await eventually(() => calls > 0);
  environment.cancel();
  await stopped;
});

test('returns an error that is a bug unchanged', async () => {
  const bug = new TypeError('undefined is not a function');
  await expect(kube.call('do it', () => Promise.reject(bug))).rejects.toBe(bug);
});

test('a context that is not in the kubeconfig is refused, also when the kubeconfig has a current context', () => {
  const missing = { context: 'elsewhere', kubeconfig: cluster.kubeconfig };
  expect(() => openKube(missing)).toThrow(
    'no kubeconfig has the context elsewhere: set KUBE_CONTEXT to an existing context and KUBECONFIG to its file',
  );
});

test('lists the objects of a kind from the cache of the API server, each with its kind', async () => {
  const asked: string[] = [];
  answer = ({ url = '' }, response) => {
    asked.push(url);
    const resources = [{ name: 'services', kind: 'Service', namespaced: true }];
    const items = [{ metadata: { name: 'web', namespace: 'x' } }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(url.includes('/namespaces/') ? { kind: 'ServiceList', apiVersion: 'v1', items } : { resources }),
    );
  };
  const services = await kube.listCached({ apiVersion: 'v1', kind: 'Service' }, 'x');
  expect(services).toMatchObject([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }]);
  expect(asked.at(-1)).toBe('/api/v1/namespaces/x/services?resourceVersion=0');
});
