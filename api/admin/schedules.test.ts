import { expect, test } from '@jest/globals';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Schedule } from '../contract/operator.ts';

const PATH = '/api/admin/schedules';

test('an operator pauses and resumes a schedule, and the note says who did it', async () => {
  const { app } = fakeApi();
  const paused = await app.request(`${PATH}/verify-stores/pause`, {
    method: 'POST',
    headers: { 'x-correlation-id': 'c1' },
  });
  expect([paused.status, await readJson(paused)]).toMatchObject([
    200,
    { name: 'verify-stores', isPaused: true, note: 'Paused by anonymous, correlation id c1', nextRunAt: null },
  ]);
  const { data } = await readJson<{ data: Schedule[] }>(await app.request(PATH));
  expect(data.map(({ name, isPaused }) => [name, isPaused])).toEqual([
    ['reconcile-stores', false],
    ['reconcile-waiting-stores', false],
    ['reconcile-cluster', false],
    ['verify-stores', true],
  ]);
  const resumed = await app.request(`${PATH}/verify-stores/resume`, { method: 'POST' });
  expect(await readJson(resumed)).toMatchObject({ isPaused: false });
});

test('the note of a paused schedule has the reason, if there is one', async () => {
  const { app } = fakeApi();
  const pause = (body: unknown) =>
    app.request(`${PATH}/verify-stores/pause`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-correlation-id': 'c1' },
      body: JSON.stringify(body),
    });
  expect(await readJson(await pause({ reason: 'restore' }))).toMatchObject({
    note: 'Paused by anonymous, correlation id c1: restore',
  });
  expect(await readJson(await pause({}))).toMatchObject({ note: 'Paused by anonymous, correlation id c1' });
  for (const body of [{ reason: ' ' }, { reason: 'x'.repeat(201) }, { why: 'restore' }]) {
    expect((await pause(body)).status).toBe(400);
  }
});

test('each change of a schedule is in the audit log', async () => {
  const { app, audited, schedules } = fakeApi();
  for (const action of ['pause', 'resume', 'trigger']) {
    await app.request(`${PATH}/reconcile-cluster/${action}`, { method: 'POST' });
  }
  expect(schedules.triggered).toEqual(['reconcile-cluster']);
  expect(audited.map(({ action, target, tenantId }) => [action, target, tenantId])).toEqual([
    ['pauseSchedule', 'schedule/reconcile-cluster', null],
    ['resumeSchedule', 'schedule/reconcile-cluster', null],
    ['triggerSchedule', 'schedule/reconcile-cluster', null],
  ]);
});

test.each(['pause', 'resume', 'trigger'])('%s of a schedule that does not exist is 404', async (action) => {
  const { app, schedules } = fakeApi();
  schedules.remove('verify-stores');
  for (const name of ['verify-stores', 'no-such-schedule']) {
    const response = await app.request(`${PATH}/${name}/${action}`, { method: 'POST' });
    expect([response.status, await readJson(response)]).toMatchObject([404, { code: 'SCHEDULE_NOT_FOUND' }]);
  }
});

test('lists the stores of all tenants with their tenants, and those of one', async () => {
  const { app } = fakeApi();
  for (const tenant of ['a', 'b']) {
    await app.request('/api/stores', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k', 'x-tenant-id': tenant },
      body: JSON.stringify({ name: 'Acme', engine: 'medusa' }),
    });
  }
  const tenantsOf = async (query: string) => {
    const page = await readJson<{ data: { tenantId: string }[] }>(await app.request(`/api/admin/stores${query}`));
    return page.data.map(({ tenantId }) => tenantId).toSorted();
  };
  expect([await tenantsOf(''), await tenantsOf('?tenantId=b'), await tenantsOf('?status=ready')]).toEqual([
    ['a', 'b'],
    ['b'],
    [],
  ]);
});

test.each(['status=ended', 'limit=0', 'status=held&tenantId=%00', ''])(
  'rejects the list of operations with %j',
  async (query) => {
    const response = await fakeApi().app.request(`/api/admin/operations?${query}`);
    expect(response.status).toBe(400);
  },
);
