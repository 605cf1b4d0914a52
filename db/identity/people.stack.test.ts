import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDb, type OpenDatabase } from '../connection/open-db.ts';
import { createDatabase, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { createPeopleRecords, type PeopleRecords } from './people.ts';

const NOW = new Date('2026-11-26T12:00:00Z');
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const hash = (text: string) => Buffer.from(text.padEnd(32, '.'));

let created: TestDatabase;
let database: OpenDatabase;
let people: PeopleRecords;

beforeAll(async () => {
  created = await createDatabase();
  const log = { warn: () => undefined };
  database = openDb({ databaseUrl: created.url, poolSize: 12, applicationName: 'test', log });
  people = createPeopleRecords(database);
});
beforeEach(async () => {
  await database.pool.query('truncate users, tenants, setup_links, oidc_logins cascade');
});
afterAll(async () => {
  await database.close();
  await created.drop();
});

async function addUser(given: { email?: string; isOperator?: boolean } = {}): Promise<string> {
  const id = randomUUID();
  await database.pool.query(
    `insert into users (id, issuer, subject, email, password_hash, is_operator, created_at)
     values ($1::uuid, 'local', $1::text, $2, 'x', $3, $4)`,
    [id, given.email ?? `${id}@example.com`, given.isOperator ?? false, NOW],
  );
  return id;
}

async function addTenants(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const text = 'insert into tenants (id, name, created_at, updated_at) values ($1, $1, $2, $2)';
    await database.pool.query(text, [id, NOW]);
  }
}

async function join(userId: string, tenantId: string, role: string, at = NOW): Promise<void> {
  const text = 'insert into members (tenant_id, user_id, role, created_at) values ($1, $2, $3, $4)';
  await database.pool.query(text, [tenantId, userId, role, at]);
}

function session(userId: string, secret: string, seed: Partial<Parameters<PeopleRecords['createSession']>[0]> = {}) {
  return {
    sessionId: randomUUID(),
    hash: hash(secret),
    userId,
    userAgent: null,
    replacedHash: undefined,
    now: NOW,
    idleUntil: later(120),
    expiresAt: later(720),
    ...seed,
  };
}

const identity = (secret: string, requestedTenant?: string, now = NOW) =>
  people.identityOfSession({ hash: hash(secret), requestedTenant, now });

describe('the identity of a session', () => {
  test('has the role in the requested tenant, and in the oldest membership by default', async () => {
    const userId = await addUser();
    await addTenants('t1', 't2', 't3');
    await join(userId, 't2', 'admin', later(1));
    await join(userId, 't1', 'viewer', later(2));
    const { sessionId, ...rest } = session(userId, 'a');
    await people.createSession({ sessionId, ...rest });
    expect(await identity('a')).toEqual({
      sessionId,
      userId,
      lastUsedAt: NOW,
      isOperator: false,
      membership: { tenantId: 't2', role: 'admin' },
    });
    expect((await identity('a', 't1'))?.membership).toEqual({ tenantId: 't1', role: 'viewer' });
    expect((await identity('a', 't3'))?.membership).toBeNull();
    expect(await identity('b')).toBeUndefined();
  });

  test('of an operator has the role admin in each tenant that exists', async () => {
    const userId = await addUser({ isOperator: true });
    await addTenants('t1', 't2');
    await join(userId, 't1', 'viewer');
    await people.createSession(session(userId, 'a'));
    const memberships = [await identity('a'), await identity('a', 't2'), await identity('a', 't3')];
    expect(memberships.map((found) => found?.membership)).toEqual([
      { tenantId: 't1', role: 'admin' },
      { tenantId: 't2', role: 'admin' },
      null,
    ]);
  });

  test('ends when the session expires or is idle, and at once when the user is disabled', async () => {
    const userId = await addUser();
    await people.createSession(session(userId, 'a'));
    expect(await identity('a', undefined, later(119))).toBeDefined();
    expect(await identity('a', undefined, later(120))).toBeUndefined();
    const { sessionId = '' } = (await identity('a')) ?? {};
    await people.touchSession({ sessionId, lastUsedAt: NOW, now: later(700), idleUntil: later(820) });
    expect(await identity('a', undefined, later(719))).toMatchObject({ lastUsedAt: later(700) });
    expect(await identity('a', undefined, later(720))).toBeUndefined();
    await database.pool.query('update users set disabled_at = $1', [NOW]);
    expect(await identity('a')).toBeUndefined();
  });
});

describe('sessions', () => {
  test('replace the one that the browser had, and erase expired ones', async () => {
    const userId = await addUser();
    await people.createSession(session(userId, 'expired', { expiresAt: later(-1) }));
    await people.createSession(session(userId, 'first'));
    await people.createSession(session(userId, 'second', { replacedHash: hash('first') }));
    expect(await identity('first')).toBeUndefined();
    const { rows } = await database.pool.query<{ count: string }>('select count(*) from sessions');
    expect(rows[0]?.count).toBe('1');
  });

  test('are at most 50 for each user, and the oldest end', async () => {
    const [userId, other] = [await addUser(), await addUser()];
    await people.createSession(session(other, 'other'));
    for (let count = 0; count < 52; count += 1)
      await people.createSession(session(userId, `s${count}`, { now: later(count / 60) }));
    expect(await people.listSessions(userId, later(2))).toHaveLength(50);
    expect([await identity('s0'), await identity('s1')]).toEqual([undefined, undefined]);
    expect([await identity('s2'), await identity('other')]).toEqual([expect.anything(), expect.anything()]);
  });

  test('can be created at the same time for the same user', async () => {
    const userId = await addUser();
    for (const name of ['a', 'b', 'c'])
      await people.createSession(session(userId, `expired-${name}`, { expiresAt: later(-1) }));
    await Promise.all(Array.from({ length: 10 }, (_, count) => people.createSession(session(userId, `s${count}`))));
    expect(await people.listSessions(userId, NOW)).toHaveLength(10);
  });

  test('are ended by their user only', async () => {
    const [userId, other] = [await addUser(), await addUser()];
    const { sessionId, ...rest } = session(userId, 'a');
    await people.createSession({ sessionId, ...rest });
    expect(await people.endSession({ sessionId, userId: other })).toBe(false);
    expect(await people.endSession({ sessionId, userId })).toBe(true);
    expect(await people.endSession({ sessionId, userId })).toBe(false);
  });

  test('store no secret', async () => {
    const userId = await addUser();
    await people.createSession(session(userId, 'a'));
    const { rows } = await database.pool.query<Record<string, unknown>>('select * from sessions');
    expect(rows[0]?.['hash']).toEqual(hash('a'));
  });
});

describe('a change of the password', () => {
  test('happens once for each old hash, and keeps one session', async () => {
    const userId = await addUser();
    const kept = session(userId, 'kept');
    await people.createSession(kept);
    await people.createSession(session(userId, 'other'));
    const change = (newHash: string) =>
      people.changePassword({ userId, oldHash: 'x', newHash, keptSessionId: kept.sessionId });
    const results = await Promise.all([change('one'), change('two')]);
    expect(results.filter(Boolean)).toHaveLength(1);
    expect([await identity('kept'), await identity('other')]).toEqual([expect.anything(), undefined]);
  });
});

describe('the setup', () => {
  const operator = (email: string, secret = 'link') => ({
    hash: hash(secret),
    tenantId: 'default-user',
    user: { userId: randomUUID(), email, name: 'Ada', passwordHash: 'x', now: NOW },
  });
  const newLink = (secret = 'link') => people.replaceSetupLink({ hash: hash(secret), now: NOW, expiresAt: later(60) });

  test('succeeds exactly once for concurrent uses of a link', async () => {
    expect(await newLink()).toBe(true);
    const uses = Array.from({ length: 8 }, (_, count) => people.createFirstOperator(operator(`a${count}@example.com`)));
    expect((await Promise.all(uses)).toSorted()).toEqual([
      'created',
      ...Array.from({ length: 7 }, () => 'linkInvalid'),
    ]);
    const { rows } = await database.pool.query(
      'select is_operator, role, tenant_id from users join members on user_id = id',
    );
    expect(rows).toEqual([{ is_operator: true, role: 'admin', tenant_id: 'default-user' }]);
    expect(await newLink('next')).toBe(false);
  });

  test('refuses a link that a later start has replaced, also at the same time', async () => {
    await newLink('old');
    await newLink('new');
    expect(await people.createFirstOperator(operator('a@example.com', 'old'))).toBe('linkInvalid');
    const [, result] = await Promise.all([
      newLink('newest'),
      people.createFirstOperator(operator('a@example.com', 'new')),
    ]);
    const isUsed = result === 'created';
    expect(await people.isSetupLink({ hash: hash('newest'), now: NOW })).toBe(!isUsed);
  });

  test('refuses an expired link, and an address that another user has', async () => {
    await newLink();
    const late = operator('a@example.com');
    expect(await people.createFirstOperator({ ...late, user: { ...late.user, now: later(60) } })).toBe('linkInvalid');
    await addUser({ email: 'ada@example.com' });
    expect(await people.createFirstOperator(operator('ADA@example.com'))).toBe('emailTaken');
    expect(await people.isSetupLink({ hash: hash('link'), now: NOW })).toBe(true);
  });
});

describe('people of a company issuer', () => {
  const subject = (seed: Partial<Parameters<PeopleRecords['recordSubject']>[0]> = {}) => ({
    newUserId: randomUUID(),
    issuer: 'https://issuer.example',
    subject: 'ada',
    email: 'ada@example.com',
    name: 'Ada',
    becomesOperator: false,
    operatorTenant: 'default-user',
    now: NOW,
    ...seed,
  });
  const lookUp = (requestedTenant?: string, claimedTenants: readonly string[] = []) =>
    people.identityOfSubject({ issuer: 'https://issuer.example', subject: 'ada', requestedTenant, claimedTenants });

  test('are one user for each issuer and subject, also when they log in twice at once', async () => {
    const logins = await Promise.all([people.recordSubject(subject()), people.recordSubject(subject())]);
    expect(logins[0]?.userId).toBe(logins[1]?.userId);
    const other = await people.recordSubject(subject({ issuer: 'https://other.example' }));
    expect(other.userId).not.toBe(logins[0]?.userId);
    expect(await people.membershipsOf(logins[0]?.userId ?? '')).toEqual([]);
    expect(await people.findLocalUser('ada@example.com')).toBeUndefined();
  });

  test('become operators and admins of the default tenant, and stay it', async () => {
    const { userId } = await people.recordSubject(subject({ becomesOperator: true }));
    await people.recordSubject(subject({ name: 'Ada Lovelace' }));
    expect(await people.findUser(userId)).toMatchObject({ isOperator: true, name: 'Ada Lovelace' });
    expect(await lookUp()).toMatchObject({ userId, isOperator: true, membership: { tenantId: 'default-user' } });
  });

  test('are unknown before their first login, and claim only tenants that exist', async () => {
    await addTenants('t1');
    expect(await lookUp(undefined, ['t1', 't2'])).toEqual({
      userId: null,
      isOperator: false,
      isDisabled: false,
      membership: null,
      claimedTenants: ['t1'],
    });
  });

  test('complete a login once, in the browser that began it, before it expires', async () => {
    const begin = (name: string) =>
      people.beginOidcLogin({
        hash: hash(name),
        browserHash: hash('b'),
        next: '/device',
        now: NOW,
        expiresAt: later(10),
      });
    const end = (name: string, browser = 'b', now = NOW) =>
      people.endOidcLogin({ hash: hash(name), browserHash: hash(browser), now });
    await begin('one');
    expect([await end('one', 'other'), await end('one', 'b', later(10))]).toEqual([undefined, undefined]);
    const ended = await Promise.all([end('one'), end('one'), end('one')]);
    expect(ended.filter((next) => next === '/device')).toHaveLength(1);
    await begin('two');
    await people.beginOidcLogin({
      hash: hash('3'),
      browserHash: hash('b'),
      next: '/',
      now: later(11),
      expiresAt: later(20),
    });
    const { rows } = await database.pool.query<{ count: string }>('select count(*) from oidc_logins');
    expect(rows[0]?.count).toBe('1');
  });
});
