import { setImmediate as afterResponse } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../auth/passwords.ts';
import { newSecret } from '../auth/secrets.ts';
import type { TenancyRecords } from '../../domain/ports/tenancy-records.ts';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';

const PASSWORD = 'correct horse battery staple';
const ADA = '5f0c3f0e-8a4b-4a53-8a53-0d6d9f5ad1b1';
const decided: unknown[] = [];

let passwordHash: string;
let api: ReturnType<typeof fakeApi>;

beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD);
});
beforeEach(() => {
  decided.length = 0;
  api = fakeApi({
    identity: { authentication: 'local' },
    devices: {
      decideDeviceCode: async (decision) => {
        decided.push(decision);
        return decision.userCode === 'BCDF-GHJK' ? { clientName: '<b>laptop</b>' } : undefined;
      },
    },
  });
  const user = { userId: ADA, issuer: 'local', email: 'ada@example.com', name: '<i>Ada</i>', passwordHash };
  api.people.users.set(ADA, { ...user, isOperator: false, isDisabled: false });
  api.people.memberships.set(ADA, [
    { tenantId: 't1', role: 'admin' },
    { tenantId: 't2', role: 'viewer' },
  ]);
});

const get = (path: string, headers: Record<string, string> = {}) => api.app.request(path, { headers });

async function submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return await api.app.request(path, { method: 'POST', headers, body: new URLSearchParams(fields) });
}

async function loggedIn(): Promise<{ readonly cookie: string }> {
  const response = await submit('/login', { email: 'ada@example.com', password: PASSWORD });
  return { cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

describe('each page', () => {
  test.each(['/login', '/setup?token=x', '/login?error=refused'])(
    '%s has no script and no inline style, and may load only its stylesheet',
    async (path) => {
      const response = await get(path);
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(response.headers.get('cache-control')).toBe('no-store');
      // With another policy, browsers send `Origin: null` with a form.
      expect(response.headers.get('referrer-policy')).toBe('same-origin');
      expect(await response.text()).not.toMatch(/<script|style=|<style| on\w+=/);
    },
  );

  test('loads the stylesheet from the API', async () => {
    const response = await get('/pages.css');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  });

  test('is refused under a foreign Host, and its form from a foreign page', async () => {
    expect((await get('/login', { host: 'evil.example' })).status).toBe(421);
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await submit('/login', { email: 'ada@example.com', password: PASSWORD }, headers)).status).toBe(403);
      expect((await submit('/logout', {}, headers)).status).toBe(403);
    }
  });

  test('rejects a method and a form that it does not have', async () => {
    expect((await api.app.request('/login', { method: 'PUT' })).status).toBe(405);
    expect((await submit('/login', { email: 'x'.repeat(20_000) })).status).toBe(413);
  });
});

describe('the login page', () => {
  test('logs a person in and leads to the page that asked for it', async () => {
    const first = await get('/device?user_code=BCDF-GHJK');
    expect([first.status, first.headers.get('location')]).toEqual([
      303,
      `/login?next=${encodeURIComponent('/device?user_code=BCDF-GHJK')}`,
    ]);
    const form = await (await get(first.headers.get('location') ?? '')).text();
    expect(form).toContain('value="/device?user_code=BCDF-GHJK"');
    const response = await submit('/login', {
      email: 'ada@example.com',
      password: PASSWORD,
      next: '/device?user_code=BCDF-GHJK',
    });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/device?user_code=BCDF-GHJK']);
  });

  test.each(['https://evil.example', '//evil.example', '/.//evil.example', String.raw`/\evil.example`])(
    'never leads to %s',
    async (next) => {
      expect(await (await get(`/login?next=${encodeURIComponent(next)}`)).text()).not.toContain('evil');
      const response = await submit('/login', { email: 'ada@example.com', password: PASSWORD, next });
      expect(response.headers.get('location')).toBe('/');
    },
  );

  test('shows a failed login with what the person typed, escaped and without the password', async () => {
    const response = await submit('/login', { email: '"><script>alert(1)</script>', password: 'hush hush hush' });
    const text = await response.text();
    expect(response.status).toBe(401);
    expect(text).toContain('The email address or the password is wrong.');
    expect(text).toContain('&quot;&gt;&lt;script&gt;');
    expect(text).not.toContain('hush');
    expect(text).not.toContain('<script');
  });

  test('shows the account after the login, and ends the session with a button', async () => {
    const headers = await loggedIn();
    const account = await (await get('/account', headers)).text();
    expect(account).toContain('You are logged in as ada@example.com.');
    expect(account).toContain('&lt;i&gt;Ada&lt;/i&gt;');
    const logout = await submit('/logout', {}, headers);
    expect([logout.status, logout.headers.get('location')]).toEqual([303, '/login']);
    expect((await get('/account', headers)).status).toBe(303);
  });

  test('says that authentication is off', async () => {
    api = fakeApi();
    expect(await (await get('/login')).text()).toContain('Authentication is off');
    expect(await (await get('/account')).text()).toContain('Authentication is off');
  });
});

describe('the setup page', () => {
  test('shows a form only for a valid link, and creates the operator', async () => {
    const { secret, hash } = newSecret();
    api.people.setupLink = { hash, expiresAt: new Date(Date.now() + 60_000) };
    expect((await get(`/setup?token=${newSecret().secret}`)).status).toBe(403);
    expect(await (await get(`/setup?token=${secret}`)).text()).toContain(`value="${secret}"`);
    const weak = await submit('/setup', { token: secret, email: 'g@example.com', name: 'Grace', password: 'short' });
    expect([weak.status, await weak.text()]).toEqual([
      400,
      expect.stringContaining('must have at least 12 characters'),
    ]);
    const response = await submit('/setup', {
      token: secret,
      email: 'g@example.com',
      name: 'Grace',
      password: PASSWORD,
    });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect((await get(`/setup?token=${secret}`)).status).toBe(403);
  });
});

describe('the page of an invitation', () => {
  const accepted: unknown[] = [];
  const { secret, hash } = newSecret();
  const open = { id: ADA, tenantId: 't3', email: 'bob@example.com', role: 'member', createdBy: 'user:x' } as const;
  const path = `/invitations/${secret}`;
  const user = { name: 'Bob', email: 'bob@example.com', password: PASSWORD };

  beforeEach(() => {
    accepted.length = 0;
    const invitation = { ...open, createdAt: new Date(), expiresAt: new Date() };
    api = fakeApi({
      identity: { authentication: 'local' },
      tenants: {
        findInvitation: async (query) => (query.hash.equals(hash) ? invitation : undefined),
        acceptInvitation: async (given) => {
          accepted.push(given.userId);
          return { kind: 'accepted', tenantId: 't3', role: 'member' };
        },
        createLocalUser: async ({ email }) => (email === 'taken@example.com' ? 'emailTaken' : 'created'),
        inTransaction(work) {
          return work(this as TenancyRecords);
        },
      },
    });
    const ada = { userId: ADA, issuer: 'local', email: 'ada@example.com', name: 'Ada', passwordHash };
    api.people.users.set(ADA, { ...ada, isOperator: false, isDisabled: false });
  });

  test('lets a person who is logged in accept', async () => {
    const headers = await loggedIn();
    expect(await (await get(path, headers)).text()).toContain('<button>Accept</button>');
    const response = await submit(path, {}, headers);
    expect([response.status, response.headers.get('location'), accepted]).toEqual([303, '/', [ADA]]);
    expect(api.audited.at(-1)).toMatchObject({
      action: 'acceptInvitation',
      tenantId: 't3',
      principal: { userId: ADA },
    });
  });

  test('lets a new person create a user, and logs the person in', async () => {
    const form = await (await get(path)).text();
    expect(form).toContain('value="bob@example.com"');
    expect(form).toContain(`/login?next=${encodeURIComponent(path)}`);
    const response = await submit(path, user);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect(response.headers.get('set-cookie')).toContain('store_platform_session=');
    expect([...api.people.sessions.values()].map(({ userId }) => userId)).toEqual(accepted);
    expect(api.audited.map(({ action }) => action)).toEqual(['login', 'acceptInvitation']);
  });

  test('shows what is wrong with the new user', async () => {
    const weak = await submit(path, { ...user, password: 'short' });
    expect([weak.status, await weak.text()]).toEqual([400, expect.stringContaining('The password')]);
    const taken = await submit(path, { ...user, email: 'taken@example.com' });
    expect([taken.status, await taken.text()]).toEqual([409, expect.stringContaining('Log in, then accept')]);
    expect(accepted).toEqual([]);
  });

  test('is not found with a wrong link, and the log has no part of the link', async () => {
    expect((await get(`/invitations/${newSecret().secret}`)).status).toBe(404);
    await get(path);
    await afterResponse();
    expect(JSON.stringify(api.logLines)).not.toContain(secret);
    expect(api.logLines.some(({ path: logged }) => logged === '/invitations/[redacted]')).toBe(true);
  });
});

describe('the page for logins of the command line', () => {
  test('shows the code and the tenants of the person', async () => {
    const text = await (await get('/device?user_code=BCDF-GHJK', await loggedIn())).text();
    expect(text).toContain('value="BCDF-GHJK"');
    expect(text).toContain('<option value="t1">t1</option><option value="t2">t2</option>');
  });

  test('approves a login for the chosen tenant, or denies it', async () => {
    const headers = await loggedIn();
    const approved = await submit('/device', { user_code: 'bcdf ghjk', tenant: 't2', decision: 'approve' }, headers);
    expect(await approved.text()).toContain('The command line on &lt;b&gt;laptop&lt;/b&gt; is logged in.');
    await submit('/device', { user_code: 'BCDF-GHJK', tenant: 't2', decision: 'deny' }, headers);
    expect(decided).toMatchObject([
      { userCode: 'BCDF-GHJK', decision: 'approved', userId: ADA, tenantId: 't2' },
      { userCode: 'BCDF-GHJK', decision: 'denied', userId: ADA, tenantId: null },
    ]);
    const entries = api.audited.filter(({ action }) => action === 'decideDevice');
    expect(entries.map(({ change }) => change)).toEqual([
      { decision: 'approved', tenantId: 't2' },
      { decision: 'denied', tenantId: null },
    ]);
  });

  test('says that no login waits under the code', async () => {
    const response = await submit(
      '/device',
      { user_code: 'ZZZZ-ZZZZ', tenant: 't1', decision: 'approve' },
      await loggedIn(),
    );
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('No login waits')]);
  });

  test('needs a login and a form of its own origin', async () => {
    const form = { user_code: 'BCDF-GHJK', tenant: 't1', decision: 'approve' };
    expect((await submit('/device', form)).status).toBe(303);
    expect((await submit('/device', form, { ...(await loggedIn()), origin: 'https://evil.example' })).status).toBe(403);
    expect(decided).toEqual([]);
  });
});
