import { expect, test } from '@jest/globals';
import type { SeenUnaccounted } from '../../domain/unaccounted.ts';
import { unaccountedNamespace } from '../../test/factories/unaccounted.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Unaccounted } from '../contract/admin.ts';

const ENTRY = unaccountedNamespace();
const PATH = `/api/admin/unaccounted/${ENTRY.namespace}`;

function apiWith(seed: Partial<SeenUnaccounted> = {}) {
  const api = fakeApi();
  api.addUnaccounted(seed);
  return api;
}

test('lists unaccounted namespaces in pages, without their UIDs', async () => {
  const { app } = apiWith();
  const page = await readJson<{ data: Unaccounted[] }>(await app.request('/api/admin/unaccounted?limit=1'));
  expect(page).toMatchObject({
    data: [{ namespace: ENTRY.namespace, name: 'Acme Shoes', decision: null, evidence: { boundClaims: ['data'] } }],
    pagination: { limit: 1, offset: 0, total: 1 },
  });
  expect(page.data[0]).not.toHaveProperty('uid');
});

test.each([
  ['adopt', ['adopt']],
  ['remove', ['cleanup']],
  ['keep', []],
] as const)('%s is recorded and starts the runs %j', async (decision, kinds) => {
  const { app, operations } = apiWith();
  const response = await app.request(`${PATH}/${decision}`, { method: 'POST' });
  expect(response.status).toBe(202);
  expect(await readJson(response)).toMatchObject({ decision, decidedAt: expect.any(String) });
  expect(operations.runs.map(({ kind, input }) => [kind, input.store.storeId])).toEqual(
    kinds.map((kind) => [kind, ENTRY.target.storeId]),
  );
});

test('a decision is accepted when Temporal does not answer, because a pass of the reconciler starts its run', async () => {
  const { app, operations } = apiWith();
  operations.away = true;
  expect((await app.request(`${PATH}/adopt`, { method: 'POST' })).status).toBe(202);
});

test('a repeated adopt of an adopted store starts no run, and another decision about it is rejected', async () => {
  const { app, operations } = apiWith({ decision: 'adopt', decidedAt: new Date(), adoptedAt: new Date() });
  expect((await app.request(`${PATH}/adopt`, { method: 'POST' })).status).toBe(202);
  expect(operations.runs).toEqual([]);
  const response = await app.request(`${PATH}/remove`, { method: 'POST' });
  expect(response.status).toBe(409);
  expect(await readJson(response)).toMatchObject({ code: 'NAMESPACE_RECORDED' });
});

test.each(['store-other', 'Not_a_name', '%27'])('a namespace that is not in the list gets 404: %s', async (name) => {
  const response = await apiWith().app.request(`/api/admin/unaccounted/${name}/keep`, { method: 'POST' });
  expect(await readJson(response)).toMatchObject({ status: 404, code: 'NAMESPACE_NOT_FOUND' });
});

test('returns the state of removals, and a resume without a pause changes nothing', async () => {
  const { app } = apiWith();
  const active = { state: 'active', reason: null, since: null };
  expect(await readJson(await app.request('/api/admin/removals'))).toEqual(active);
  expect(await readJson(await app.request('/api/admin/removals/resume', { method: 'POST' }))).toEqual(active);
});
