import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTenantApi, type TenantApi } from '../../test/harness/platform/tenant-api.ts';

interface Code {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri_complete: string;
}
interface Polled {
  readonly status: number;
  readonly body: { readonly error?: string; readonly access_token?: string; readonly tenant_id?: string };
}

let api: TenantApi;
beforeAll(async () => {
  api = await openTenantApi();
});
afterAll(() => api.drop());

const begin = () => api.read<Code>('/api/device/code', { body: { client_name: 'laptop' } });

async function poll({ device_code: code }: Code, app = api.app): Promise<Polled> {
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  const response = await api.send('/api/device/token', { app, body: { grant_type: grant, device_code: code } });
  return { status: response.status, body: (await response.json()) as Polled['body'] };
}

const decide = (as: string, { user_code: userCode }: Code, body: object = { decision: 'approve' }) =>
  api.send('/api/device/approve', { as, body: { userCode, ...body } });

async function newPerson() {
  const tenant = await api.newTenant();
  return { tenant, user: await api.newMember(tenant, 'member') };
}

test('an approved login gives one token, although many polls arrive at two processes at the same time', async () => {
  const { tenant, user } = await newPerson();
  const code = await begin();
  expect(code.verification_uri_complete).toContain(`/device?user_code=${code.user_code}`);
  expect(await poll(code)).toEqual({ status: 400, body: expect.objectContaining({ error: 'authorization_pending' }) });
  const approved = await decide(user, { ...code, user_code: code.user_code.toLowerCase() });
  expect([approved.status, await approved.json()]).toEqual([
    200,
    { decision: 'approve', tenantId: tenant, clientName: 'laptop' },
  ]);
  const other = api.newProcess();
  const polls = await Promise.all(
    Array.from({ length: 12 }, (_, index) => poll(code, index % 2 === 0 ? api.app : other)),
  );
  const [redeemed, ...others] = polls.filter(({ status }) => status === 200);
  expect(others).toEqual([]);
  expect(redeemed?.body).toMatchObject({ token_type: 'Bearer', expires_in: 2_592_000, tenant_id: tenant });
  expect(polls.filter(({ body }) => body.error === 'expired_token')).toHaveLength(11);
  const token = redeemed?.body.access_token ?? '';
  expect((await api.send('/api/stores', { token })).status).toBe(200);
  const tokens = await api.read<{ data: readonly object[] }>('/api/tokens', { as: user });
  expect(tokens.data).toEqual([expect.objectContaining({ name: 'laptop', role: 'member' })]);
});

test('polls that come too fast are slowed down', async () => {
  const code = await begin();
  await poll(code);
  expect((await poll(code)).body.error).toBe('slow_down');
  api.advance(6);
  expect((await poll(code)).body.error).toBe('slow_down');
  api.advance(16);
  expect((await poll(code)).body.error).toBe('authorization_pending');
});

test('a denied, an expired and an unknown login give no token', async () => {
  const { user } = await newPerson();
  const denied = await begin();
  expect((await decide(user, denied, { decision: 'deny' })).status).toBe(200);
  expect((await poll(denied)).body.error).toBe('access_denied');
  const expired = await begin();
  api.advance(601);
  expect((await decide(user, expired)).status).toBe(404);
  expect((await poll(expired)).body.error).toBe('expired_token');
  expect((await poll({ ...expired, device_code: 'guessed' })).body.error).toBe('expired_token');
});

test('a login is decided once, by a person with a session, for a tenant of the person', async () => {
  const { user } = await newPerson();
  const stranger = await newPerson();
  const code = await begin();
  const { token } = await api.read<{ token: string }>('/api/tokens', { as: user, body: { name: 'x' } });
  const byToken = await api.send('/api/device/approve', {
    token,
    body: { userCode: code.user_code, decision: 'approve' },
  });
  expect(byToken.status).toBe(403);
  expect((await decide(user, code, { decision: 'approve', tenantId: stranger.tenant })).status).toBe(404);
  expect((await decide(user, code)).status).toBe(200);
  expect((await decide(stranger.user, code)).status).toBe(404);
});

test('a person who left the tenant after the approval gets no token', async () => {
  const { tenant, user } = await newPerson();
  const code = await begin();
  await decide(user, code);
  await api.database.pool.query('delete from members where tenant_id = $1', [tenant]);
  expect((await poll(code)).body.error).toBe('access_denied');
});
