import { expect, test } from '@jest/globals';
import type { Identity } from '../../domain/access/principal.ts';
import { StoreError } from '../../domain/failure.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { apiDocument } from '../document/document.ts';
import { AUDITED_FIELDS } from './change.ts';

const MISSING = '00000000-0000-4000-8000-000000000000';

function authenticated(identity: Partial<Identity>): Authenticator {
  return {
    credentialOf: () => 'x',
    authenticate: async () => ({
      principal: { kind: 'user', userId: 'u1', sessionId: 's1' },
      isOperator: false,
      scopes: null,
      membership: { tenantId: 't1', role: 'admin' },
      ...identity,
    }),
  };
}

interface Page {
  readonly data: { readonly id: number; readonly action: string }[];
  readonly pagination: { readonly nextCursor: string | null };
}

test('a change has one entry with actor, target, outcome, correlation id and the allowed fields of the request', async () => {
  const { app, audited, newStore } = fakeApi({ authenticators: [authenticated({})] });
  const { storeId } = await newStore();
  const response = await app.request(`/api/stores/${storeId}?volumePolicy=keep`, {
    method: 'DELETE',
    headers: { 'x-correlation-id': 'c1' },
  });
  expect(response.status).toBe(202);
  expect(audited).toEqual([
    {
      at: expect.any(Date),
      tenantId: 't1',
      principal: { kind: 'user', userId: 'u1', sessionId: 's1' },
      action: 'deleteStore',
      target: `store/${storeId}`,
      outcome: 'succeeded',
      correlationId: 'c1',
      change: { volumePolicy: 'keep' },
    },
  ]);
});

test('chart values of a continue are not in the audit log, because they may hold secrets', async () => {
  const { app, audited, newStore } = fakeApi();
  const { storeId } = await newStore();
  await app.request(`/api/stores/${storeId}/continue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ overrides: { readyDeadlineSeconds: 60 } }),
  });
  expect(audited).toHaveLength(1);
  expect(audited[0]).not.toHaveProperty('change');
});

test('a repeated create has an entry of its own, with the store that it returned as the target', async () => {
  const { audited, post, newStore } = fakeApi();
  const { storeId } = await newStore();
  await post();
  expect(audited).toMatchObject([{ action: 'createStore', target: `store/${storeId}`, outcome: 'succeeded' }]);
});

test.each([
  ['a role that is too low', { membership: { tenantId: 't1', role: 'viewer' } }, 't1'],
  ['a token without the scope', { scopes: ['stores:read'] }, 't1'],
  ['a tenant that is not the own one', { membership: null }, null],
] as const)('a request that is refused because of %s has an entry', async (_, identity, tenantId) => {
  const { app, audited } = fakeApi({ authenticators: [authenticated(identity)] });
  await app.request(`/api/stores/${MISSING}/retry`, { method: 'POST' });
  expect(audited).toMatchObject([{ action: 'retryStore', outcome: 'refused', target: `store/${MISSING}`, tenantId }]);
});

test('a refused read has an entry, and an accepted one has none', async () => {
  const { app, audited } = fakeApi({ authenticators: [authenticated({})] });
  await app.request('/api/stores');
  await app.request('/api/admin/removals');
  expect(audited).toMatchObject([{ action: 'getRemovals', outcome: 'refused', tenantId: null, target: null }]);
});

test('a change that fails has an entry, and a request that is not valid has none', async () => {
  const { app, audited, post } = fakeApi();
  await app.request(`/api/stores/${MISSING}/retry`, { method: 'POST' });
  await post({ body: { name: '' } });
  expect(audited).toMatchObject([{ action: 'retryStore', outcome: 'failed' }]);
});

test('a request without a valid credential has no entry, because its sender is unknown', async () => {
  const nobody: Authenticator = { credentialOf: () => 'x', authenticate: async () => undefined };
  const { app, audited } = fakeApi({ authenticators: [nobody] });
  expect((await app.request('/api/stores', { method: 'POST' })).status).toBe(401);
  expect(audited).toEqual([]);
});

test('a decision of an operator belongs to the platform and names its namespace or its orphan', async () => {
  const { app, audited, addOrphan, addUnaccounted } = fakeApi();
  const namespace = addUnaccounted();
  const uid = addOrphan();
  await app.request(`/api/admin/unaccounted/${namespace}/keep`, { method: 'POST' });
  await app.request(`/api/orphans/${uid}/remove`, { method: 'POST' });
  expect(audited).toMatchObject([
    { action: 'keepUnaccounted', target: `unaccounted/${namespace}`, tenantId: null },
    { action: 'removeOrphan', target: `orphan/${uid}`, tenantId: null },
  ]);
});

test('without the entry, the response of a change is a 503 and the caller can repeat the request', async () => {
  const auditFault = new StoreError('DATABASE_UNAVAILABLE', 'The database does not answer');
  const { app, newStore } = fakeApi({ auditFault });
  const { storeId } = await newStore();
  const response = await app.request(`/api/stores/${storeId}`, { method: 'DELETE' });
  expect([response.status, await readJson(response)]).toMatchObject([503, { code: 'DATABASE_UNAVAILABLE' }]);
});

test('lists entries newest first, page by page, with filters that combine', async () => {
  const { app, newStore, addUnaccounted } = fakeApi();
  const { storeId } = await newStore();
  const namespace = addUnaccounted();
  for (const action of ['retry', 'cancel', 'undelete']) {
    await app.request(`/api/stores/${storeId}/${action}`, { method: 'POST' });
  }
  await app.request(`/api/admin/unaccounted/${namespace}/keep`, { method: 'POST' });

  const first = await app.request('/api/audit?limit=2');
  const { data, pagination } = await readJson<Page>(first);
  expect(data.map(({ action }) => action)).toEqual(['undeleteStore', 'cancelStore']);
  expect(first.headers.get('link')).toBe(`</api/audit?limit=2&cursor=${pagination.nextCursor}>; rel="next"`);
  const last = await readJson<Page>(await app.request(`/api/audit?limit=2&cursor=${pagination.nextCursor}`));
  expect(last).toMatchObject({ data: [{ action: 'retryStore' }], pagination: { nextCursor: null } });

  const filtered = await app.request(`/api/audit?action=retryStore&outcome=succeeded&target=store/${storeId}`);
  expect((await readJson<Page>(filtered)).data).toHaveLength(1);
  const future = await app.request('/api/audit?from=2999-01-01T00:00:00.000Z');
  expect((await readJson<Page>(future)).data).toEqual([]);
  const all = await readJson<Page>(await app.request('/api/admin/audit'));
  expect(all.data.map(({ action }) => action)[0]).toBe('keepUnaccounted');
});

test.each(['cursor=x', 'cursor=YWZ0ZXI', 'actor=%00', 'limit=0', 'outcome=maybe', 'from=yesterday', 'tenantId=t2'])(
  'rejects the invalid query %s of the audit log of a tenant',
  async (query) => {
    const response = await fakeApi().app.request(`/api/audit?${query}`);
    expect(response.status).toBe(400);
  },
);

test('returns the quotas of the tenant', async () => {
  const response = await fakeApi().app.request('/api/quota');
  expect(await readJson(response)).toEqual({
    tenantId: 'default-user',
    stores: { limit: 3, used: 1 },
    runningOperations: { limit: 10, used: 0 },
  });
});

test.each(Object.entries(AUDITED_FIELDS))('each field of %s that the audit log keeps exists', (operationId, fields) => {
  const document = apiDocument(fakeApi().app);
  const operation = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .find((candidate) => candidate.operationId === operationId);
  const text = JSON.stringify([operation, document.components.schemas]);
  expect(operation).toBeDefined();
  for (const name of [...(fields.json ?? []), ...(fields.query ?? [])]) expect(text).toContain(`"${name}"`);
});
