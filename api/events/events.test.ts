import { beforeEach, describe, expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
import { streamOf, type OpenedStream } from '../../test/harness/event-stream.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import { StoreEvents, TenantEvents } from '../contract/event.ts';
import { Operation } from '../contract/operation.ts';
import { ProblemDetails } from '../contract/problem.ts';

type Api = ReturnType<typeof fakeApi>;

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

let api: Api;
beforeEach(() => {
  api = fakeApi();
});

async function open(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await api.app.request(path, { headers: { accept: 'text/event-stream', ...headers } });
}

async function opened(path: string, headers: Record<string, string> = {}): Promise<OpenedStream> {
  const response = await open(path, headers);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  return streamOf(response);
}

/** Adds an event about the operation of a store. */
async function note(storeId: string, type: 'step.started' | 'step.completed' = 'step.started'): Promise<void> {
  const record = await api.records.get({ tenantId: 'default-user', storeId });
  if (record === undefined) throw new Error(`no store ${storeId}`);
  api.records.note(record.operation, type);
}

async function ids(stream: OpenedStream, count: number): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  while (found.length < count) found.push((await stream.next())?.id);
  return found;
}

/** Waits until no stream is left in the process. */
function untilNoneIsLeft(): Promise<unknown> {
  return eventually(() => api.live.slots.inUse() === 0 && api.hub.size() === 0);
}

describe('the stream of a store', () => {
  test('sends the events that exist, then each new one, with their numbers as ids', async () => {
    const { storeId } = await api.newStore();
    const stream = await opened(`/api/stores/${storeId}/events`);
    expect(await ids(stream, 1)).toEqual(['1']);
    await note(storeId);
    const { id, data = '' } = (await stream.next()) ?? {};
    expect(id).toBe('2');
    expect(StoreEvents.shape.data.parse([JSON.parse(data)])).toMatchObject([{ seq: 2, type: 'step.started' }]);
    await stream.cancel();
    await untilNoneIsLeft();
  });

  test.each([
    ['Last-Event-ID', '', { 'last-event-id': '2' }],
    ['after', '?after=2', {}],
    ['Last-Event-ID before after', '?after=1', { 'last-event-id': '2' }],
  ])('continues after %s', async (_, query, headers) => {
    const { storeId } = await api.newStore();
    for (let count = 0; count < 3; count += 1) await note(storeId);
    const stream = await opened(`/api/stores/${storeId}/events${query}`, headers);
    expect(await ids(stream, 2)).toEqual(['3', '4']);
    await stream.cancel();
  });

  test('sends more events than one read returns', async () => {
    const { storeId } = await api.newStore();
    for (let count = 1; count < 450; count += 1) await note(storeId);
    const stream = await opened(`/api/stores/${storeId}/events`);
    expect(await ids(stream, 450)).toEqual(Array.from({ length: 450 }, (_each, index) => String(index + 1)));
    await stream.cancel();
  });

  test('has the headers that keep proxies from holding it back', async () => {
    const { storeId } = await api.newStore();
    const response = await open(`/api/stores/${storeId}/events`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(response.headers.get('etag')).toBeNull();
    await response.body?.cancel();
    await untilNoneIsLeft();
  });

  test('waits for a database that does not answer, and misses nothing', async () => {
    const { storeId } = await api.newStore();
    const stream = await opened(`/api/stores/${storeId}/events`);
    expect(await ids(stream, 1)).toEqual(['1']);
    const record = await api.records.get({ tenantId: 'default-user', storeId });
    api.records.fault = new StoreError('DATABASE_UNAVAILABLE', 'gone');
    api.records.note(record!.operation, 'step.started');
    await eventually(() => api.logLines.some(({ msg }) => String(msg).includes('waits for the database')));
    api.records.fault = undefined;
    expect(await ids(stream, 1)).toEqual(['2']);
    await stream.cancel();
  });

  test('costs few reads, however many clients follow', async () => {
    api = fakeApi({ maxStreams: 100 });
    const { storeId } = await api.newStore();
    const streams = await Promise.all(Array.from({ length: 100 }, () => opened(`/api/stores/${storeId}/events`)));
    await Promise.all(streams.map((stream) => ids(stream, 1)));
    const before = api.records.eventReads;
    await note(storeId);
    expect(await Promise.all(streams.map((stream) => ids(stream, 1)))).toEqual(streams.map(() => ['2']));
    expect(api.records.eventReads - before).toBeLessThan(10);
    await Promise.all(streams.map((stream) => stream.cancel()));
    await untilNoneIsLeft();
  });
});

describe('a stream ends', () => {
  test('when the process shuts down, and says when to come back', async () => {
    const { storeId } = await api.newStore();
    const stream = await opened(`/api/stores/${storeId}/events`);
    expect(await ids(stream, 1)).toEqual(['1']);
    api.hub.shutDown();
    expect(await stream.rest()).toEqual([]);
    expect(stream.retryMs()).toBeGreaterThanOrEqual(1_500);
    await untilNoneIsLeft();
  });

  test('after its life, so that the client is authorized again', async () => {
    api = fakeApi({ streamTimes: { lifeMs: 30 } });
    const { storeId } = await api.newStore();
    const stream = await opened(`/api/stores/${storeId}/events`);
    expect((await stream.rest()).map(({ id }) => id)).toEqual(['1']);
    expect(stream.retryMs()).toBeLessThan(1_000);
    await untilNoneIsLeft();
  });

  test('when its client takes no data', async () => {
    api = fakeApi({ streamTimes: { stallMs: 30 } });
    const { storeId } = await api.newStore();
    await open(`/api/stores/${storeId}/events`); // no reader takes its body
    await eventually(async () => {
      await note(storeId);
      return api.live.slots.inUse() === 0;
    });
    expect(api.logLines).toContainEqual(expect.objectContaining({ msg: expect.stringContaining('took no data') }));
  });

  test('with a comment before it, when nothing happens for a while', async () => {
    api = fakeApi({ streamTimes: { heartbeatMs: 0, lifeMs: 100 } });
    const { storeId } = await api.newStore();
    const stream = await opened(`/api/stores/${storeId}/events`);
    api.hub.wakeAll();
    await stream.rest();
    expect(stream.comments()).toBeGreaterThan(0);
  });
});

describe('no stream begins', () => {
  test('for HEAD', async () => {
    const { storeId } = await api.newStore();
    const response = await api.app.request(`/api/stores/${storeId}/events`, {
      method: 'HEAD',
      headers: { accept: 'text/event-stream' },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect([api.live.slots.inUse(), api.hub.size()]).toEqual([0, 0]);
  });

  test.each([
    [`/api/stores/${UNKNOWN_ID}/events`, 404, 'STORE_NOT_FOUND'],
    [`/api/operations/${UNKNOWN_ID}/events`, 404, 'OPERATION_NOT_FOUND'],
    ['/api/events?after=-1', 400, 'INVALID_REQUEST'],
  ])('for %s: %i %s', async (path, status, code) => {
    const response = await open(path);
    expect([response.status, ProblemDetails.parse(await response.json()).code]).toEqual([status, code]);
    expect([api.live.slots.inUse(), api.hub.size()]).toEqual([0, 0]);
  });

  test('with a Last-Event-ID that is no number', async () => {
    const response = await open('/api/events', { 'last-event-id': 'x' });
    expect(await readJson(response)).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ in: 'header', pointer: '/Last-Event-ID' }],
    });
  });

  test('while the database does not answer: the response is 503', async () => {
    api.records.fault = new StoreError('DATABASE_UNAVAILABLE', 'gone');
    expect((await open('/api/events')).status).toBe(503);
    expect(api.live.slots.inUse()).toBe(0);
  });

  test('beyond the limit of a caller', async () => {
    api = fakeApi({ maxStreams: 2 });
    const streams = [await opened('/api/events'), await opened('/api/events')];
    const response = await open('/api/events');
    expect(response.status).toBe(429);
    expect(ProblemDetails.parse(await response.json())).toMatchObject({ code: 'TOO_MANY_STREAMS', limit: 2, live: 2 });
    await streams[0]?.cancel();
    await eventually(() => api.live.slots.inUse() === 1);
    streams.push(await opened('/api/events'));
    await Promise.all(streams.map((stream) => stream.cancel()));
  });
});

describe('an operation', () => {
  test('is followed until it ends, without the events of other operations', async () => {
    const { storeId, operation } = await api.newStore();
    api.records.amend(storeId, { status: 'provisioning' }, { status: 'running', runId: 'run' });
    const stream = await opened(`/api/operations/${operation?.operationId}/events`);
    expect(await ids(stream, 1)).toEqual(['1']);
    await api.app.request(`/api/stores/${storeId}`, { method: 'DELETE' });
    await note(storeId, 'step.completed');
    api.records.amend(storeId, { status: 'failed' }, { status: 'cancelled', endedAt: new Date() });
    const rest = await stream.rest();
    expect(rest.map(({ id, event }) => event ?? id)).toEqual(['3', 'end']);
    expect(Operation.parse(JSON.parse(rest.at(-1)?.data ?? ''))).toMatchObject({
      operationId: operation?.operationId,
      status: 'cancelled',
    });
    await untilNoneIsLeft();
  });

  test('that has ended is answered with its events and its end', async () => {
    const { storeId, operation } = await api.newStore();
    api.records.amend(storeId, { status: 'ready' }, { status: 'succeeded', runId: 'run', endedAt: new Date() });
    const stream = await opened(`/api/operations/${operation?.operationId}/events`);
    expect((await stream.rest()).map(({ id, event }) => event ?? id)).toEqual(['1', 'end']);
  });

  test('lists its events page by page', async () => {
    const { storeId, operation } = await api.newStore();
    await note(storeId);
    const response = await api.app.request(`/api/operations/${operation?.operationId}/events?limit=1`);
    const page = StoreEvents.parse(await response.json());
    expect(page.data.map(({ operationId }) => operationId)).toEqual([operation?.operationId]);
    expect(page.pagination).toEqual({ limit: 1, after: 0, nextAfter: 1 });
    expect(response.headers.get('link')).toContain('after=1');
  });
});

describe('the events of a tenant', () => {
  test('are listed page by page, with a number of their own', async () => {
    const [one, two] = [await api.newStore('a'), await api.newStore('b')];
    await note(one.storeId);
    const page = TenantEvents.parse(await readJson(await api.app.request('/api/events?limit=2')));
    expect(page.data.map(({ storeId, seq, tenantSeq }) => [storeId, seq, tenantSeq])).toEqual([
      [one.storeId, 1, 1],
      [two.storeId, 1, 2],
    ]);
    expect(page.pagination).toEqual({ limit: 2, after: 0, nextAfter: 2, lastSeq: 3 });
    const rest = TenantEvents.parse(await readJson(await api.app.request('/api/events?after=2')));
    expect(rest.data.map(({ storeId, seq, tenantSeq }) => [storeId, seq, tenantSeq])).toEqual([[one.storeId, 2, 3]]);
    expect(rest.pagination.nextAfter).toBeNull();
  });

  test('are followed across stores that do not exist yet', async () => {
    const stream = await opened('/api/events');
    const { storeId } = await api.newStore();
    const { id, data = '' } = (await stream.next()) ?? {};
    expect([id, JSON.parse(data)]).toMatchObject(['1', { storeId, tenantSeq: 1, type: 'store.requested' }]);
    await stream.cancel();
  });
});
