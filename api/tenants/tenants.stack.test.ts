import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'drizzle-orm';
import type { Role } from '../../domain/access/roles.ts';
import { openTenantApi, type TenantApi } from '../../test/harness/platform/tenant-api.ts';
import { eventually } from '../../test/harness/stack/stack.ts';

interface NewToken {
  readonly tokenId: string;
  readonly token: string;
  readonly role: Role;
}
interface Listed<Entry> {
  readonly data: readonly Entry[];
  readonly pagination: { readonly nextCursor: string | null };
}

let api: TenantApi;
beforeAll(async () => {
  api = await openTenantApi();
});
afterAll(() => api.drop());

async function problemOf(response: Response): Promise<readonly [number, string]> {
  return [response.status, ((await response.json()) as { code: string }).code];
}

const newToken = (as: string, body: object = {}) =>
  api.read<NewToken>('/api/tokens', { as, body: { name: 'Laptop', ...body } });

const statusWith = async (token: string, path = '/api/stores') => (await api.send(path, { token })).status;

describe('members', () => {
  test('the only admin cannot be removed or demoted, also not by two requests at the same time', async () => {
    const tenant = await api.newTenant();
    const [ada, bob] = [await api.newMember(tenant, 'admin'), await api.newMember(tenant, 'admin')];
    const demote = (userId: string, as: string) =>
      api.send(`/api/members/${userId}`, { method: 'PATCH', as, body: { role: 'viewer' } });
    const statuses = (await Promise.all([demote(bob, ada), demote(ada, bob)])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    const { data } = await api.read<Listed<{ userId: string; role: Role }>>('/api/members', { as: ada });
    const [admin, ...others] = data.filter(({ role }) => role === 'admin');
    expect(others).toEqual([]);
    const userId = admin?.userId ?? '';
    expect(await problemOf(await demote(userId, userId))).toEqual([409, 'LAST_ADMIN']);
    const removal = await api.send(`/api/members/${userId}`, { method: 'DELETE', as: userId });
    expect(await problemOf(removal)).toEqual([409, 'LAST_ADMIN']);
  });

  test('a list is read page by page without a gap', async () => {
    const tenant = await api.newTenant();
    const admin = await api.newMember(tenant, 'admin');
    const ids = [admin];
    for (let count = 0; count < 4; count += 1) ids.push(await api.newMember(tenant, 'viewer'));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: Listed<{ userId: string }> = await api.read(`/api/members?limit=2${query}`, { as: admin });
      seen.push(...page.data.map(({ userId }) => userId));
      cursor = page.pagination.nextCursor;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(seen[4]).toBe(admin);
  });
});

describe('invitations', () => {
  test('an invitation without a body gives the role member and ends after a week', async () => {
    const as = await api.newMember(await api.newTenant(), 'admin');
    const response = await api.send('/api/invitations', { method: 'POST', as });
    expect(response.status).toBe(201);
    const { role, createdAt, expiresAt } = (await response.json()) as Readonly<Record<string, string>>;
    expect(role).toBe('member');
    expect(Date.parse(expiresAt ?? '') - Date.parse(createdAt ?? '')).toBe(7 * 86_400_000);
  });

  async function invite(body: object = {}) {
    const tenant = await api.newTenant();
    const admin = await api.newMember(tenant, 'admin');
    const created = await api.read<{ invitationId: string; secret: string; url: string }>('/api/invitations', {
      as: admin,
      body,
    });
    return { tenant, admin, ...created };
  }
  const accept = (secret: string, sent: { as?: string; user?: object } = {}) =>
    api.send('/api/invitations/accept', {
      ...(sent.as === undefined ? {} : { as: sent.as }),
      body: { secret, ...(sent.user === undefined ? {} : { user: sent.user }) },
    });

  test('a person who is logged in joins the tenant once; others cannot use the link any more', async () => {
    const { tenant, secret, url } = await invite({ role: 'member' });
    expect(url).toContain(secret);
    const [ada, bob] = [await api.newUser(), await api.newUser()];
    const responses = await Promise.all([accept(secret, { as: ada }), accept(secret, { as: ada })]);
    for (const response of responses) {
      expect([response.status, await response.json()]).toEqual([
        200,
        { tenantId: tenant, role: 'member', userId: ada },
      ]);
    }
    expect(await problemOf(await accept(secret, { as: bob }))).toEqual([404, 'INVITATION_NOT_FOUND']);
    expect(await problemOf(await accept(secret))).toEqual([401, 'UNAUTHENTICATED']);
  });

  test('creates a user with a password, unless the address is taken', async () => {
    const { tenant, secret } = await invite();
    const user = { email: `new-${tenant}@example.com`, name: 'New', password: 'correct horse battery' };
    expect((await accept(secret, { user })).status).toBe(200);
    const other = await invite();
    expect(await problemOf(await accept(other.secret, { user }))).toEqual([409, 'EMAIL_TAKEN']);
    expect(await problemOf(await accept('wrong', { user }))).toEqual([404, 'INVITATION_NOT_FOUND']);
  });

  test('is for the invited address only, and for its lifetime', async () => {
    const named = await invite({ email: `ada-${Date.now()}@example.com` });
    expect(await problemOf(await accept(named.secret, { as: await api.newUser() }))).toEqual([403, 'FORBIDDEN']);
    const revoked = await invite();
    const path = `/api/invitations/${revoked.invitationId}`;
    expect((await api.send(path, { method: 'DELETE', as: revoked.admin })).status).toBe(204);
    const user = await api.newUser();
    expect(await problemOf(await accept(revoked.secret, { as: user }))).toEqual([404, 'INVITATION_NOT_FOUND']);
    const expired = await invite({ expiresInDays: 1 });
    api.advance(86_401);
    expect(await problemOf(await accept(expired.secret, { as: user }))).toEqual([404, 'INVITATION_NOT_FOUND']);
  });
});

describe('API tokens', () => {
  test('work until they are revoked or expire, and are shown once', async () => {
    const tenant = await api.newTenant();
    const ada = await api.newMember(tenant, 'member');
    const { token, tokenId } = await newToken(ada, { expiresInDays: 1 });
    expect(await statusWith(token)).toBe(200);
    const list = await (await api.send('/api/tokens', { as: ada })).text();
    expect(list).toContain(tokenId);
    expect(list).not.toContain(token.slice(12));
    await eventually(async () => {
      const { rows } = await api.database.pool.query('select last_used_at from api_tokens where id = $1', [tokenId]);
      return (rows[0] as { last_used_at: Date | null }).last_used_at !== null;
    });
    const other = await newToken(ada);
    expect((await api.send(`/api/tokens/${other.tokenId}`, { method: 'DELETE', token })).status).toBe(204);
    expect(await statusWith(other.token)).toBe(401);
    api.advance(86_401);
    expect(await statusWith(token)).toBe(401);
  });

  test('act in their tenant only', async () => {
    const [tenant, other] = [await api.newTenant(), await api.newTenant()];
    const ada = await api.newMember(tenant, 'admin');
    await api.database.db.execute(
      sql`insert into members (tenant_id, user_id, role, created_at) values (${other}, ${ada}, 'admin', now())`,
    );
    const { token } = await api.read<NewToken>('/api/tokens', { as: ada, tenant, body: { name: 'x' } });
    expect((await api.send('/api/stores', { token, tenant })).status).toBe(200);
    expect(await problemOf(await api.send('/api/stores', { token, tenant: other }))).toEqual([404, 'TENANT_NOT_FOUND']);
    const { data } = await api.read<Listed<{ tenantId: string }>>('/api/tenants', { token });
    expect(data.map(({ tenantId }) => tenantId)).toEqual([tenant]);
  });

  test('read one store the same way when the API knows the token already', async () => {
    const [tenant, foreign] = [await api.newTenant(), await api.newTenant()];
    const own = await newToken(await api.newMember(tenant, 'member'));
    const other = await newToken(await api.newMember(foreign, 'member'));
    const body = { name: 'Acme', engine: 'woocommerce' };
    const { storeId } = await api.read<{ storeId: string }>('/api/stores', { token: own.token, key: 'k', body });
    const path = `/api/stores/${storeId}`;
    const stores = [];
    for (let count = 0; count < 3; count += 1) {
      stores.push(await api.read<object>(path, { token: own.token }));
      expect(await problemOf(await api.send(path, { token: other.token }))).toEqual([404, 'STORE_NOT_FOUND']);
    }
    expect(stores).toEqual([stores[0], stores[0], stores[0]]);
    expect(stores[0]).toMatchObject({ storeId });
    expect(
      (await api.send(path.toUpperCase().replace('/API/STORES', '/api/stores'), { token: own.token })).status,
    ).toBe(200);
    expect(await problemOf(await api.send('/api/stores/x', { token: own.token }))).toEqual([404, 'STORE_NOT_FOUND']);
    const elsewhere = await api.send(path, { token: own.token, tenant: foreign });
    expect(await problemOf(elsewhere)).toEqual([404, 'TENANT_NOT_FOUND']);
    expect((await api.send(`/api/tokens/${own.tokenId}`, { method: 'DELETE', token: own.token })).status).toBe(204);
    expect(await statusWith(own.token, path)).toBe(401);
  });

  test('lose the rights that their owner loses, and end with the membership', async () => {
    const tenant = await api.newTenant();
    const [admin, ada] = [await api.newMember(tenant, 'admin'), await api.newMember(tenant, 'admin')];
    const { token } = await newToken(ada);
    const invite = () => api.send('/api/invitations', { token, body: {} });
    expect((await invite()).status).toBe(201);
    await api.send(`/api/members/${ada}`, { method: 'PATCH', as: admin, body: { role: 'viewer' } });
    expect((await invite()).status).toBe(403);
    expect(await statusWith(token)).toBe(200);
    await api.send(`/api/members/${ada}`, { method: 'DELETE', as: admin });
    expect(await statusWith(token)).toBe(401);
  });

  test('end when their user is disabled or their service account is deleted', async () => {
    const tenant = await api.newTenant();
    const admin = await api.newMember(tenant, 'admin');
    const { token } = await newToken(admin);
    const account = await api.read<{ serviceAccountId: string }>('/api/service-accounts', {
      as: admin,
      body: { name: 'Deployment', role: 'member' },
    });
    const { serviceAccountId } = account;
    const program = await newToken(admin, { serviceAccountId });
    expect(program.role).toBe('member');
    expect(await statusWith(program.token)).toBe(200);
    await api.send(`/api/service-accounts/${serviceAccountId}`, { method: 'DELETE', as: admin });
    expect(await statusWith(program.token)).toBe(401);
    await api.database.pool.query('update users set disabled_at = now() where id = $1', [admin]);
    expect(await statusWith(token)).toBe(401);
  });

  test('are not created with more rights than their maker has', async () => {
    const tenant = await api.newTenant();
    const [admin, member] = [await api.newMember(tenant, 'admin'), await api.newMember(tenant, 'member')];
    const ask = (sent: { as?: string; token?: string }, body: object) =>
      api.send('/api/tokens', { ...sent, body: { name: 'x', ...body } });
    const account = await api.read<{ serviceAccountId: string }>('/api/service-accounts', {
      as: admin,
      body: { name: 'Reader', role: 'viewer' },
    });
    const { serviceAccountId } = account;
    const { token } = await newToken(member, { scopes: ['tokens:write', 'stores:read'] });
    const refused = [
      await ask({ as: member }, { role: 'admin' }),
      await ask({ as: member }, { serviceAccountId }),
      await ask({ as: admin }, { serviceAccountId, role: 'member' }),
      await ask({ as: admin }, { scopes: ['platform:operate'] }),
      await ask({ token }, {}),
      await ask({ token }, { scopes: ['stores:write'] }),
    ];
    for (const response of refused) expect(await problemOf(response)).toEqual([403, 'FORBIDDEN']);
    expect((await ask({ token }, { scopes: ['stores:read'] })).status).toBe(201);
    expect(await problemOf(await ask({ as: admin }, { expiresInDays: 366 }))).toEqual([400, 'INVALID_REQUEST']);
  });

  test('of an operator operate the platform only with the scope for it', async () => {
    const tenant = await api.newTenant();
    const operator = await api.newUser({ isOperator: true });
    const make = (body: object) =>
      api.read<NewToken>('/api/tokens', { as: operator, tenant, body: { name: 'x', ...body } });
    const path = '/api/admin/tenants';
    expect(await statusWith((await make({})).token, path)).toBe(200);
    expect(await statusWith((await make({ scopes: ['platform:operate'] })).token, path)).toBe(200);
    expect(await statusWith((await make({ role: 'member' })).token, path)).toBe(401);
    expect(await statusWith((await make({ scopes: ['stores:read'] })).token, path)).toBe(401);
  });
});

describe('tenants', () => {
  test('are created and limited by operators, and their first admin is invited', async () => {
    const operator = await api.newUser({ isOperator: true });
    const tenantId = `acme-${Date.now()}`;
    const body = { tenantId, name: 'Acme', maxStores: 5 };
    const created = await api.send('/api/admin/tenants', { as: operator, body });
    expect([created.status, await created.json()]).toMatchObject([201, { ...body, maxRunning: null }]);
    const again = await api.send('/api/admin/tenants', { as: operator, body });
    expect(await problemOf(again)).toEqual([409, 'TENANT_EXISTS']);
    const changed = await api.read(`/api/admin/tenants/${tenantId}`, {
      method: 'PATCH',
      as: operator,
      body: { maxStores: null, maxRunning: 2 },
    });
    expect(changed).toMatchObject({ name: 'Acme', maxStores: null, maxRunning: 2 });
    const invited = await api.send('/api/invitations', { as: operator, tenant: tenantId, body: { role: 'admin' } });
    expect(invited.status).toBe(201);
    expect((await api.send('/api/admin/tenants', { as: await api.newMember(tenantId, 'admin') })).status).toBe(403);
  });

  test('the default one is created once', async () => {
    const tenant = { id: 'first', name: 'first', now: new Date() };
    await Promise.all([api.records.ensureTenant(tenant), api.records.ensureTenant(tenant)]);
    expect(await api.records.getTenant('first')).toMatchObject({ name: 'first' });
  });
});

test('the audit log names the token, the service account and the invitation that a request has created', async () => {
  const as = await api.newMember(await api.newTenant(), 'admin');
  const { tokenId } = await newToken(as);
  const { serviceAccountId } = await api.read<{ serviceAccountId: string }>('/api/service-accounts', {
    as,
    body: { name: 'Deployment' },
  });
  const { invitationId } = await api.read<{ invitationId: string }>('/api/invitations', { as, body: {} });
  const { data } = await api.read<Listed<{ target: string }>>('/api/audit', { as });
  expect(data.map(({ target }) => target)).toEqual([
    `invitation/${invitationId}`,
    `service-account/${serviceAccountId}`,
    `token/${tokenId}`,
  ]);
});
