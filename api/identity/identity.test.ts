import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../auth/passwords.ts';
import { newSecret } from '../auth/secrets.ts';
import { DEFAULT_TENANT } from '../auth/authenticator.ts';
import type { Me } from '../contract/identity.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { IdentityOptions } from './identity.ts';

const PASSWORD = 'correct horse battery staple';
const EMAIL = 'ada@example.com';
const ADA = '5f0c3f0e-8a4b-4a53-8a53-0d6d9f5ad1b1';
const MINUTE_MS = 60_000;

let passwordHash: string;
let now: Date;
let api: ReturnType<typeof fakeApi>;

beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD);
});
beforeEach(() => {
  now = new Date('2026-11-26T12:00:00Z');
  api = startApi();
});

/** Returns an API with the local user Ada, who is a member of the tenant t1. */
function startApi(identity: Partial<IdentityOptions> = {}) {
  const started = fakeApi({ identity: { authentication: 'local', now: () => now, ...identity } });
  const user = { userId: ADA, issuer: 'local', email: EMAIL, name: 'Ada', passwordHash };
  started.people.users.set(ADA, { ...user, isOperator: false, isDisabled: false });
  started.people.memberships.set(ADA, [{ tenantId: 't1', role: 'member' }]);
  started.people.tenants.add('t1');
  return started;
}

async function send(method: string, path: string, given: { body?: unknown; headers?: Record<string, string> } = {}) {
  const { body, headers } = given;
  return await api.app.request(path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const logIn = (body: unknown = { email: EMAIL, password: PASSWORD }, headers: Record<string, string> = {}) =>
  send('POST', '/api/login', { body, headers });

/** Returns the cookie that a response sets, as the browser sends it. */
function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function loggedIn(headers: Record<string, string> = {}): Promise<{ readonly cookie: string }> {
  return { cookie: cookieOf(await logIn(undefined, headers)) };
}

const statusWith = async (headers: Record<string, string>) => (await send('GET', '/api/me', { headers })).status;

describe('a login', () => {
  test('sets a cookie that no script reads and no other site sends', async () => {
    const response = await logIn({ email: 'ADA@example.com', password: PASSWORD });
    expect([response.status, await response.json()]).toEqual([
      200,
      { sessionId: expect.any(String), userId: ADA, expiresAt: '2026-11-27T00:00:00.000Z' },
    ]);
    expect(response.headers.get('set-cookie')).toMatch(
      /^store_platform_session=[\w-]{43}; Path=\/; Expires=Fri, 27 Nov 2026 00:00:00 GMT; HttpOnly; SameSite=Lax$/,
    );
  });

  test('is in the audit log', async () => {
    const { sessionId } = await readJson<{ sessionId: string }>(await logIn());
    await logIn({ email: EMAIL, password: 'a wrong password' });
    expect(api.audited).toMatchObject([
      {
        action: 'login',
        principal: { kind: 'user', userId: ADA, sessionId },
        target: `user/${ADA}`,
        outcome: 'succeeded',
      },
    ]);
    expect(JSON.stringify(api.audited)).not.toContain(PASSWORD);
  });

  test('with PUBLIC_URL on https sets a cookie for TLS only', async () => {
    api = startApi({ publicUrl: 'https://stores.example.com' });
    const response = await logIn();
    expect(response.headers.get('set-cookie')).toMatch(/^__Host-store_platform_session=.*; Secure(;|$)/);
    expect(await statusWith({ cookie: cookieOf(response) })).toBe(200);
    expect(await statusWith({ cookie: cookieOf(response).replace('__Host-', '') })).toBe(401);
  });

  test('responds alike to a wrong address, a wrong password and a disabled user', async () => {
    const wrong = [
      { email: EMAIL, password: `${PASSWORD}!` },
      { email: 'nobody@example.com', password: PASSWORD },
      { email: 'not an address', password: PASSWORD },
    ];
    const responses = await Promise.all(wrong.map((body) => logIn(body)));
    api.people.users.get(ADA)!.isDisabled = true;
    responses.push(await logIn());
    const problems = await Promise.all(
      responses.map(async (each) => ({ ...(await readJson<object>(each)), correlationId: '' })),
    );
    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);
    expect(responses.map((response) => response.headers.get('set-cookie'))).toEqual([null, null, null, null]);
  });

  test('never uses the cookie that the browser sent, and ends its session', async () => {
    const planted = { cookie: `store_platform_session=${'a'.repeat(43)}` };
    const first = await loggedIn(planted);
    expect(first.cookie).not.toBe(planted.cookie);
    expect(await statusWith(planted)).toBe(401);
    const second = await loggedIn(first);
    expect([await statusWith(first), await statusWith(second)]).toEqual([401, 200]);
  });

  test.each([
    [{ email: EMAIL }, '/password'],
    [{ email: '', password: PASSWORD }, '/email'],
    [{ email: 'a\u0000b', password: PASSWORD }, '/email'],
    [{ email: EMAIL, password: 'x'.repeat(1_025) }, '/password'],
    [{ email: EMAIL, password: PASSWORD, admin: true }, '/admin'],
  ])('rejects %j with a pointer to the field', async (body, pointer) => {
    const response = await logIn(body);
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ pointer }] }]);
  });

  test('is refused for the page of another origin', async () => {
    expect((await logIn(undefined, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await logIn(undefined, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});

describe('a session', () => {
  test('acts for the tenants of its user', async () => {
    const headers = await loggedIn();
    expect(await readJson<Me>(await send('GET', '/api/me', { headers }))).toMatchObject({
      principal: 'user',
      actor: `user:${ADA}`,
      user: { userId: ADA, email: EMAIL, name: 'Ada', issuer: 'local' },
      isOperator: false,
      tenant: { tenantId: 't1', role: 'member' },
      tenants: [{ tenantId: 't1', role: 'member' }],
      authentication: 'local',
    });
    const foreign = await send('GET', '/api/stores', { headers: { ...headers, 'x-tenant-id': 't2' } });
    expect([foreign.status, await foreign.json()]).toMatchObject([404, { code: 'TENANT_NOT_FOUND' }]);
  });

  test('ends after 12 hours, and after 2 hours without use', async () => {
    const used = await loggedIn();
    const unused = await loggedIn();
    const start = now.getTime();
    for (let minutes = 60; minutes < 12 * 60; minutes += 60) {
      now = new Date(start + minutes * MINUTE_MS);
      expect([minutes, await statusWith(used)]).toEqual([minutes, 200]);
      if (minutes === 120) expect(await statusWith(unused)).toBe(401);
    }
    now = new Date(start + 12 * 60 * MINUTE_MS);
    expect(await statusWith(used)).toBe(401);
  });

  test('writes its use at most once a minute', async () => {
    const headers = await loggedIn();
    const [session] = api.people.sessions.values();
    now = new Date(now.getTime() + MINUTE_MS - 1);
    await statusWith(headers);
    expect(session?.lastUsedAt).toEqual(new Date('2026-11-26T12:00:00Z'));
    now = new Date(now.getTime() + 1);
    await statusWith(headers);
    expect(session?.lastUsedAt).toEqual(now);
  });

  test('ends with the logout, and at once when its user is disabled', async () => {
    const headers = await loggedIn();
    const logout = await send('POST', '/api/logout', { headers });
    expect([logout.status, logout.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect(await statusWith(headers)).toBe(401);
    const next = await loggedIn();
    api.people.users.get(ADA)!.isDisabled = true;
    expect(await statusWith(next)).toBe(401);
  });

  test('is not used for a request with an Authorization header', async () => {
    const headers = await loggedIn();
    for (const authorization of ['Bearer sp_unknown', 'Bearer a.b.c', 'Basic YTpi', 'x']) {
      expect(await statusWith({ ...headers, authorization })).toBe(401);
    }
  });

  test('is listed, and can be ended by its user only', async () => {
    const mine = await loggedIn({ 'user-agent': 'Firefox' });
    const other = await loggedIn({ 'user-agent': 'Chrome' });
    type List = { data: { sessionId: string; isCurrent: boolean; userAgent: string }[] };
    const list = async () => (await readJson<List>(await send('GET', '/api/sessions', { headers: mine }))).data;
    expect((await list()).map(({ isCurrent, userAgent }) => [userAgent, isCurrent])).toEqual([
      ['Firefox', true],
      ['Chrome', false],
    ]);
    const { sessionId = '' } = (await list()).find(({ isCurrent }) => !isCurrent) ?? {};
    for (const session of api.people.sessions.values()) {
      if (session.sessionId === sessionId) Object.assign(session, { userId: 'another' });
    }
    expect((await send('DELETE', `/api/sessions/${sessionId}`, { headers: mine })).status).toBe(404);
    for (const session of api.people.sessions.values()) Object.assign(session, { userId: ADA });
    expect((await send('DELETE', `/api/sessions/${sessionId}`, { headers: mine })).status).toBe(204);
    expect([await statusWith(mine), await statusWith(other)]).toEqual([200, 401]);
    expect((await send('DELETE', '/api/sessions/7', { headers: mine })).status).toBe(404);
  });
});

describe('a change of the password', () => {
  const change = (headers: Record<string, string>, oldPassword: string, newPassword = 'another long password') =>
    send('POST', '/api/password', { headers, body: { oldPassword, newPassword } });

  test('needs the old password, and ends all other sessions', async () => {
    const mine = await loggedIn();
    const other = await loggedIn();
    const refused = await change(mine, 'wrong password');
    expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ pointer: '/oldPassword' }] }]);
    expect((await change(mine, PASSWORD)).status).toBe(204);
    expect([await statusWith(mine), await statusWith(other)]).toEqual([200, 401]);
    expect((await logIn()).status).toBe(401);
    expect((await logIn({ email: EMAIL, password: 'another long password' })).status).toBe(200);
  });

  test('needs 12 characters', async () => {
    const response = await change(await loggedIn(), PASSWORD, 'short');
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ pointer: '/newPassword' }] }]);
  });
});

describe('the setup', () => {
  const operator = { email: 'grace@example.com', name: 'Grace', password: PASSWORD };

  function newLink(expiresAt = new Date(now.getTime() + MINUTE_MS)): string {
    const { secret, hash } = newSecret();
    api.people.setupLink = { hash, expiresAt };
    return secret;
  }

  test('creates an operator who is an admin of the default tenant, and logs the operator in', async () => {
    const token = newLink();
    const response = await send('POST', '/api/setup', { body: { ...operator, token } });
    expect(response.status).toBe(201);
    const me = await readJson<Me>(await send('GET', '/api/me', { headers: { cookie: cookieOf(response) } }));
    expect(me).toMatchObject({ isOperator: true, tenant: { tenantId: DEFAULT_TENANT, role: 'admin' } });
    expect((await send('POST', '/api/setup', { body: { ...operator, token } })).status).toBe(403);
  });

  test('refuses a wrong and an expired link, and a short password', async () => {
    newLink();
    expect((await send('POST', '/api/setup', { body: { ...operator, token: newSecret().secret } })).status).toBe(403);
    const expired = newLink(now);
    expect((await send('POST', '/api/setup', { body: { ...operator, token: expired } })).status).toBe(403);
    const weak = { ...operator, token: newLink(), password: 'eleven char' };
    expect((await send('POST', '/api/setup', { body: weak })).status).toBe(400);
  });
});

describe('without authentication', () => {
  beforeEach(() => {
    api = startApi({ authentication: 'none' });
  });

  test('every request acts as an operator, and the API says so', async () => {
    expect(await (await send('GET', '/api/me')).json()).toMatchObject({
      principal: 'anonymous',
      user: null,
      isOperator: true,
      authentication: 'none',
      tenant: { tenantId: DEFAULT_TENANT, role: 'admin' },
    });
    expect(await (await send('GET', '/health')).json()).toMatchObject({ authentication: 'none' });
  });

  test('there is no login', async () => {
    expect((await logIn()).status).toBe(404);
    expect((await send('GET', '/api/login/oidc')).status).toBe(404);
    expect((await send('POST', '/api/logout')).status).toBe(204);
    expect(await (await send('GET', '/api/sessions')).json()).toEqual({ data: [] });
  });
});
