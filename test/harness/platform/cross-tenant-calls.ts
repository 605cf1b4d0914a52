import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessTo } from '../../../api/auth/access.ts';
import { apiDocument } from '../../../api/document/document.ts';
import { fakeApi } from './fake-api.ts';
import { openTenantApi, type TenantApi } from './tenant-api.ts';

/**
 * Ids of objects of another tenant, by the start of the path. An operation whose path is not here fails: add an object
 * to `objectsOf`.
 */
type Objects = ReadonlyMap<string, string>;

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

const OPERATIONS = Object.entries(apiDocument(fakeApi().app).paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { operationId, requestBody }]) => {
    const needs = accessTo(operationId)?.needs;
    // Objects of operators and of people belong to no tenant.
    const isOfTenant = needs === 'viewer' || needs === 'member' || needs === 'admin';
    const body = requestBody?.content['application/json']?.example;
    return isOfTenant && path.includes('{') ? [{ operationId, method: method.toUpperCase(), path, body }] : [];
  }),
);

const LISTS = ['stores', 'invitations', 'service-accounts', 'tokens', 'webhooks', 'events'] as const;

/** Defines the tests of all calls with which a tenant could reach the objects of another one. */
export function describeCrossTenantCalls(): void {
  let api: TenantApi;
  let objects: Objects;
  /** An admin of another tenant than that of the objects. */
  let stranger: string;
  /** An admin of the tenant of the objects. */
  let owner: string;

  beforeAll(async () => {
    api = await openTenantApi();
    const tenant = await api.newTenant();
    owner = await api.newMember(tenant, 'admin');
    objects = await objectsOf(owner);
    stranger = await api.newMember(await api.newTenant(), 'admin');
  });
  afterAll(() => api.drop());

  async function objectsOf(as: string): Promise<Objects> {
    const store = await api.read<{ storeId: string; operation: { operationId: string } }>('/api/stores', {
      as,
      body: { name: 'Acme Shoes', engine: 'medusa' },
    });
    const create = async (path: string, field: string, body: object) =>
      (await api.read<Record<string, string>>(path, { as, body }))[field] ?? '';
    return new Map([
      ['/api/stores/', store.storeId],
      ['/api/operations/', store.operation.operationId],
      ['/api/members/', as],
      ['/api/invitations/', await create('/api/invitations', 'invitationId', {})],
      ['/api/service-accounts/', await create('/api/service-accounts', 'serviceAccountId', { name: 'x' })],
      ['/api/webhooks/', await create('/api/webhooks', 'webhookId', { url: 'https://127.0.0.1/' })],
      ['/api/tokens/', await create('/api/tokens', 'tokenId', { name: 'x' })],
    ]);
  }

  function idFor(path: string): string {
    const id = [...objects].find(([prefix]) => path.startsWith(prefix))?.[1];
    if (id === undefined) throw new Error(`no object for ${path}: add one to objectsOf`);
    return id;
  }

  /** Sends the request of an operation and returns its status and its problem without what differs for each request. */
  async function answerOf({ method, path, body }: (typeof OPERATIONS)[number], as: string, id: string) {
    const filled = path.replaceAll(/\{\w+\}/g, id);
    const response = await api.send(filled, { method, as, ...(body === undefined ? {} : { body }) });
    const text = (await response.text()).replaceAll(id, '<id>');
    return { status: response.status, text: text.replaceAll(/"correlationId":"[^"]*"/g, '') };
  }

  test('there are operations on the objects of a tenant', () => {
    expect(OPERATIONS.length).toBeGreaterThan(10);
  });

  describe.each(OPERATIONS)('$operationId', (operation) => {
    test('answers an id of another tenant like an id that does not exist', async () => {
      const foreign = await answerOf(operation, stranger, idFor(operation.path));
      const unknown = await answerOf(operation, stranger, UNKNOWN_ID);
      expect(foreign.status).toBe(404);
      expect(foreign).toEqual(unknown);
    });
  });

  test.each(LISTS)('the list of %s has no entry of another tenant', async (list) => {
    const page = await api.read<{ data: readonly object[] }>(`/api/${list}`, { as: stranger });
    const entries = JSON.stringify(page.data);
    for (const id of objects.values()) expect(entries).not.toContain(id);
  });

  test('the list of members has no member of another tenant', async () => {
    const page = await api.read<{ data: readonly { userId: string }[] }>('/api/members', { as: stranger });
    expect(page.data.map(({ userId }) => userId)).toEqual([stranger]);
  });

  test('the audit log has no entry of a person of another tenant', async () => {
    const page = await api.read<{ data: readonly { actor: string }[] }>('/api/audit', { as: stranger });
    expect(new Set(page.data.map(({ actor }) => actor))).toEqual(new Set([`user:${stranger}`]));
  });

  test('the objects still exist, and their owner finds them', async () => {
    for (const path of ['/api/stores', '/api/invitations', '/api/service-accounts', '/api/tokens']) {
      expect((await api.read<{ data: readonly unknown[] }>(path, { as: owner })).data).toHaveLength(1);
    }
    expect(
      (
        await answerOf(
          { operationId: '', method: 'GET', path: '/api/stores/{id}', body: undefined },
          owner,
          idFor('/api/stores/'),
        )
      ).status,
    ).toBe(200);
  });
}
