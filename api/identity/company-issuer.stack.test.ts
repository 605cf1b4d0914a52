import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { openDb, type OpenDatabase } from '../../db/connection/open-db.ts';
import { createPeopleRecords, type PeopleRecords } from '../../db/identity/people.ts';
import { AUDIENCE, CLIENT, startIssuer, type TestIssuer } from '../../test/harness/company-issuer.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import { createDatabase, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { OWN_ORIGIN, TestBrowser } from '../../test/harness/test-browser.ts';
import type { Me } from '../contract/identity.ts';
import type { OidcOptions } from './identity.ts';

const CALLBACK = '/api/login/oidc/callback';
const MAPPING = { tenantClaim: 'tenant', roleClaim: 'roles', roles: [] };

let created: TestDatabase;
let database: OpenDatabase;
let people: PeopleRecords;
let issuer: TestIssuer;
/** Added to the clock of the API. */
let offsetMs: number;

beforeAll(async () => {
  created = await createDatabase();
  const log = { warn: () => undefined };
  database = openDb({ databaseUrl: created.url, poolSize: 4, applicationName: 'test', log });
  people = createPeopleRecords(database);
  issuer = await startIssuer(`${OWN_ORIGIN}${CALLBACK}`);
});
beforeEach(async () => {
  await database.pool.query('truncate users, tenants, oidc_logins cascade');
  await database.pool.query(
    "insert into tenants (id, name, created_at, updated_at) values ('t1', 'One', now(), now()), ('t2', 'Two', now(), now())",
  );
  Object.assign(issuer, { account: 'ada', claims: { email: 'ada@example.com', name: 'Ada' }, tokenClaims: {} });
  offsetMs = 0;
});
afterAll(async () => {
  await issuer.stop();
  await database.close();
  await created.drop();
});

function startApi(given: Partial<OidcOptions> = {}) {
  const oidc = {
    issuer: issuer.url,
    ...CLIENT,
    audience: AUDIENCE,
    jwtType: 'at+jwt',
    mapping: { tenantClaim: undefined, roleClaim: undefined, roles: [] },
    operatorEmails: ['grace@example.com'],
    ...given,
  };
  const now = () => new Date(Date.now() + offsetMs);
  return fakeApi({ identity: { people, authentication: 'local,oidc', oidc, now } });
}

async function meOf(browser: TestBrowser): Promise<Me | number> {
  const response = await browser.open('/api/me');
  return response.ok ? await readJson<Me>(response) : response.status;
}

/** Returns the code of the problem with which a request with this token is refused, or the principal. */
async function withToken(token: string, api = startApi(), headers: Record<string, string> = {}) {
  const response = await api.app.request('/api/me', { headers: { authorization: `Bearer ${token}`, ...headers } });
  const { code, ...me } = await readJson<Partial<Me> & { readonly code?: string }>(response);
  return code ?? me;
}

describe('a login at the company issuer', () => {
  test('creates a user without a tenant, and leads to the page that asked for it', async () => {
    const browser = new TestBrowser(startApi().app);
    const visited = await browser.follow('/api/login/oidc?next=/device%3Fuser_code%3DX', (url) =>
      url.startsWith('/device'),
    );
    expect(visited.at(-1)).toBe('/device?user_code=X');
    expect(await meOf(browser)).toMatchObject({
      user: { email: 'ada@example.com', name: 'Ada', issuer: issuer.url },
      isOperator: false,
      tenant: null,
      tenants: [],
    });
    const authorization = new URL(visited[1] ?? '');
    expect(Object.fromEntries(authorization.searchParams)).toMatchObject({
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${OWN_ORIGIN}${CALLBACK}`,
    });
    const again = new TestBrowser(startApi().app);
    await again.follow('/api/login/oidc');
    expect((await meOf(again)) as Me).toMatchObject({ user: ((await meOf(browser)) as Me).user });
  });

  test('makes a person with a listed and verified address an operator', async () => {
    const api = startApi();
    const operatorWith = async (account: string, claims: TestIssuer['claims']) => {
      Object.assign(issuer, { account, claims });
      const browser = new TestBrowser(api.app);
      await browser.follow('/api/login/oidc');
      return ((await meOf(browser)) as Me).isOperator;
    };
    expect(await operatorWith('grace1', { email: 'grace@example.com', email_verified: false })).toBe(false);
    expect(await operatorWith('grace2', { email: 'grace@example.com' })).toBe(false);
    expect(await operatorWith('other', { email: 'eve@example.com', email_verified: true })).toBe(false);
    expect(await operatorWith('grace', { email: 'Grace@Example.com', email_verified: true })).toBe(true);
  });

  test('can be completed once, and only in the browser that began it', async () => {
    const api = startApi();
    const browser = new TestBrowser(api.app);
    const isCallback = (url: string) => url.startsWith(CALLBACK);
    const callback = (await browser.follow('/api/login/oidc', isCallback)).at(-1) ?? '';
    const stranger = new TestBrowser(api.app);
    expect((await stranger.open(callback)).headers.get('location')).toBe('/login?error=expired');
    const before = await browser.open(callback);
    expect(before.headers.get('location')).toBe('/');
    expect((await browser.open(callback)).headers.get('location')).toBe('/login?error=expired');
    expect(await meOf(stranger)).toBe(401);

    // An attacker gives its own code, with the state of the victim.
    const victim = new TestBrowser(api.app);
    const own = new URL((await victim.follow('/api/login/oidc', isCallback)).at(-1) ?? '', OWN_ORIGIN);
    const attacker = new TestBrowser(api.app);
    const foreign = new URL((await attacker.follow('/api/login/oidc', isCallback)).at(-1) ?? '', OWN_ORIGIN);
    own.searchParams.set('code', foreign.searchParams.get('code') ?? '');
    expect((await victim.open(own.href)).headers.get('location')).toBe('/login?error=refused');
    expect(await meOf(victim)).toBe(401);
  });

  test('ends after ten minutes', async () => {
    const browser = new TestBrowser(startApi().app);
    const callback = (await browser.follow('/api/login/oidc', (url) => url.startsWith(CALLBACK))).at(-1) ?? '';
    offsetMs = 11 * 60_000;
    expect((await browser.open(callback)).headers.get('location')).toBe('/login?error=expired');
  });

  test('fails with an error of the issuer, and for a disabled user', async () => {
    const api = startApi();
    const browser = new TestBrowser(api.app);
    const started = new URL((await browser.open('/api/login/oidc')).headers.get('location') ?? '');
    const state = started.searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', state, iss: issuer.url });
    expect((await browser.open(`${CALLBACK}?${query.toString()}`)).headers.get('location')).toBe(
      '/login?error=refused',
    );
    await browser.follow('/api/login/oidc');
    await database.pool.query('update users set disabled_at = now()');
    expect(await meOf(browser)).toBe(401);
    const visited = await browser.follow('/api/login/oidc');
    expect(visited.at(-1)).toBe('/login?error=disabled');
  });

  test.each(['https://evil.example', '//evil.example', '/.//evil.example'])('never leads to %s', async (next) => {
    const browser = new TestBrowser(startApi().app);
    const visited = await browser.follow(`/api/login/oidc?next=${encodeURIComponent(next)}`, (url) => url === '/');
    expect(visited.at(-1)).toBe('/');
  });
});

describe('a JWT of the company issuer', () => {
  test('acts with the membership of the user with the same subject', async () => {
    const { userId } = await people.recordSubject({
      newUserId: crypto.randomUUID(),
      issuer: issuer.url,
      subject: 'ada',
      email: null,
      name: null,
      becomesOperator: false,
      operatorTenant: 't1',
      now: new Date(),
    });
    await database.pool.query(
      "insert into members (tenant_id, user_id, role, created_at) values ('t2', $1, 'viewer', now())",
      [userId],
    );
    const me = await withToken(await issuer.sign());
    expect(me).toMatchObject({ principal: 'jwt', actor: `user:${userId}`, tenant: { tenantId: 't2', role: 'viewer' } });
    // The record wins over the claims.
    const claimed = await issuer.sign({ tenant: 't2', roles: 'admin' });
    expect(await withToken(claimed, startApi({ mapping: MAPPING }))).toMatchObject({ tenant: { role: 'viewer' } });
    await database.pool.query('update users set disabled_at = now()');
    expect(await withToken(await issuer.sign())).toBe('UNAUTHENTICATED');
  });

  test('of a program acts with the role that its claims give', async () => {
    issuer.tokenClaims = { tenant: ['t1', 't2', 'unknown'], roles: ['member', 'something-else'] };
    const token = await issuer.programToken();
    expect(await withToken(token)).toBe('FORBIDDEN');
    const api = startApi({ mapping: MAPPING });
    expect(await withToken(token, api)).toMatchObject({
      principal: 'jwt',
      actor: `jwt:${issuer.url}#robot`,
      user: null,
      isOperator: false,
      tenant: { tenantId: 't1', role: 'member' },
    });
    expect(await withToken(token, api, { 'x-tenant-id': 't2' })).toMatchObject({ tenant: { tenantId: 't2' } });
    expect(await withToken(token, api, { 'x-tenant-id': 'unknown' })).toBe('FORBIDDEN');
  });

  test('with a claimed role of an operator may act for each tenant that exists', async () => {
    const api = startApi({ mapping: { ...MAPPING, roles: [['platform', 'operator']] } });
    const token = await issuer.sign({ roles: ['platform'] });
    expect(await withToken(token, api)).toMatchObject({ isOperator: true, tenant: null });
    expect(await withToken(token, api, { 'x-tenant-id': 't2' })).toMatchObject({
      tenant: { tenantId: 't2', role: 'admin' },
    });
    expect(await withToken(await issuer.sign({ roles: ['operator'] }), api)).toBe('FORBIDDEN');
  });

  const seconds = Math.floor(Date.now() / 1_000);
  const ATTACKS: readonly (readonly [string, () => Promise<string>])[] = [
    ['no signature', async () => unsigned({ iss: issuer.url })],
    ['the public key as a shared secret', () => withSharedSecret(issuer.publicKeyPem)],
    ['a forged signature', async () => forged(await issuer.sign())],
    ['a changed payload', async () => withPayload(await issuer.sign(), { sub: 'root' })],
    ['an end in the past', () => issuer.sign({ iat: seconds - 700, exp: seconds - 100 })],
    ['a begin in the future', () => issuer.sign({ nbf: seconds + 600 })],
    ['no end', () => issuer.sign({ exp: undefined })],
    ['a time of issue more than a day ago', () => issuer.sign({ iat: seconds - 90_000, exp: seconds + 90_000 })],
    ['another audience', () => issuer.sign({ aud: 'urn:another-api' })],
    ['the client as the audience, as an ID token', () => issuer.sign({ aud: CLIENT.clientId }, { typ: 'JWT' })],
    ['the type of another token', () => issuer.sign({}, { typ: 'JWT' })],
    ['another issuer', () => issuer.sign({ iss: 'https://evil.example' })],
    ['no subject', () => issuer.sign({ sub: undefined })],
    ['an unknown key', () => issuer.sign({}, { kid: 'unknown' })],
    ['no form of a JWT', async () => 'x'],
    ['a header that is no JSON', async () => 'e30.e30.e30'],
  ];

  test.each(ATTACKS)('is refused with %s', async (_, token) => {
    const api = startApi({ mapping: { ...MAPPING, roles: [] } });
    expect(await withToken(await token(), api)).toBe('UNAUTHENTICATED');
  });

  test('is refused if the API accepts none', async () => {
    expect(await withToken(await issuer.sign(), startApi({ audience: undefined }))).toBe('UNAUTHENTICATED');
    expect(await withToken(await issuer.sign(), fakeApi({ identity: { people, authentication: 'local' } }))).toBe(
      'UNAUTHENTICATED',
    );
  });

  test('with an unknown key reads the keys of the issuer once, also in a flood', async () => {
    const api = startApi();
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, count) => issuer.sign({}, { kid: `unknown-${count}` })),
    );
    issuer.keyReads = 0;
    const results = await Promise.all(tokens.map((token) => withToken(token, api)));
    for (const token of tokens) results.push(await withToken(token, api));
    expect(new Set(results)).toEqual(new Set(['UNAUTHENTICATED']));
    expect(issuer.keyReads).toBe(1);
  });
});

describe('an issuer that is down', () => {
  test('when the API starts, stops only its own logins and JWTs, until it answers', async () => {
    const token = await issuer.sign({ roles: ['operator'] });
    await issuer.stop();
    const api = startApi({ mapping: MAPPING });
    const browser = new TestBrowser(api.app);
    try {
      expect((await browser.open('/api/login/oidc')).headers.get('location')).toBe('/login?error=unavailable');
      expect(await withToken(token, api)).toBe('ISSUER_UNAVAILABLE');
      expect((await browser.open('/login')).status).toBe(200);
      expect(await withToken('sp_unknown', api)).toBe('UNAUTHENTICATED');
    } finally {
      await issuer.start();
    }
    offsetMs = 6_000;
    expect(await withToken(token, api)).toMatchObject({ principal: 'jwt', isOperator: true });
    await browser.follow('/api/login/oidc');
    expect(await meOf(browser)).toMatchObject({ user: { email: 'ada@example.com' } });
  });

  test('later, leaves sessions and known keys valid', async () => {
    const api = startApi({ mapping: MAPPING });
    const token = await issuer.sign({ roles: ['operator'] });
    const browser = new TestBrowser(api.app);
    await browser.follow('/api/login/oidc');
    expect(await withToken(token, api)).toMatchObject({ isOperator: true });
    const callback = (await browser.follow('/api/login/oidc', (url) => url.startsWith(CALLBACK))).at(-1) ?? '';
    await issuer.stop();
    try {
      expect(await meOf(browser)).toMatchObject({ principal: 'user' });
      expect(await withToken(token, api)).toMatchObject({ isOperator: true });
      expect((await browser.open(callback)).headers.get('location')).toBe('/login?error=refused');
    } finally {
      await issuer.start();
    }
  });
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function unsigned(claims: object): string {
  const now = Math.floor(Date.now() / 1_000);
  const payload = { sub: 'ada', aud: AUDIENCE, iat: now, exp: now + 600, ...claims };
  return `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(payload)}.`;
}

async function withSharedSecret(publicKeyPem: string): Promise<string> {
  return await new SignJWT({ sub: 'ada', aud: AUDIENCE, iss: issuer.url })
    .setProtectedHeader({ alg: 'HS256', kid: 'first', typ: 'at+jwt' })
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode(publicKeyPem));
}

function forged(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[10] = (bytes[10] ?? 0) ^ 0xff;
  return [header, payload, bytes.toString('base64url')].join('.');
}

function withPayload(token: string, claims: object): string {
  const [header, payload = '', signature] = token.split('.');
  const changed = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...claims };
  return [header, encode(changed), signature].join('.');
}
