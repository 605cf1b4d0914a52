import { randomUUID } from 'node:crypto';
import { createStorePlatformClient, type StorePlatformClient } from '@store-platform/client';
import { eq } from 'drizzle-orm';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { pino } from 'pino';
import { hashPassword } from '../../api/auth/passwords.ts';
import { newSecret } from '../../api/auth/secrets.ts';
import { openDb } from '../../db/connection/open-db.ts';
import { createPeopleRecords } from '../../db/identity/people.ts';
import { members, tenants } from '../../db/schema/tenants.ts';
import { users } from '../../db/schema/users.ts';
import { watchPage } from './watch-page.ts';

/** Senders of requests: a member of the tenant with each role, and an operator of the platform. */
export type TestRole = 'viewer' | 'member' | 'admin' | 'operator';

/** Settings of the run, from `platform-host.ts`. */
export interface BrowserTestEnv {
  readonly url: string;
  readonly browserUrl: string;
  /** Debugging port of the browser, for Lighthouse. */
  readonly debuggingPort: number;
  /** Environment variables with which another API or worker joins the platform. */
  readonly platform: Readonly<Record<string, string>>;
}

export interface PageOptions {
  /** Default: light. */
  readonly theme?: 'light' | 'dark';
  /** Default: en. */
  readonly locale?: 'en' | 'de';
  /** Default: 1280 × 800. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Address of another API of the platform. */
  readonly url?: string;
  /** First path. Default: `/`. Null: the page stays empty. */
  readonly path?: string | null;
  /** Another tab of the same browser. */
  readonly context?: BrowserContext;
}

export interface BrowserTestPlatform {
  readonly env: BrowserTestEnv;
  readonly url: string;
  /** A tenant of this test file, with a member of each role. */
  readonly tenantId: string;
  /** The client of the API, with the session of a person. */
  clientAs(role: TestRole): StorePlatformClient;
  /** Returns the header `Cookie` of the session of a person. */
  cookieOf(role: TestRole): string;
  /** Opens the dashboard as a person in a new context of the browser. */
  pageAs(role: TestRole | 'nobody', options?: PageOptions): Promise<Page>;
  /** Gives a person a password, and returns with what the person logs in. */
  setPassword(role: TestRole): Promise<{ readonly email: string; readonly password: string }>;
  /** Creates another tenant with the same people. */
  addTenant(name: string): Promise<string>;
  /** Runs SQL, for what no person can do, such as to end a session early. */
  query(sql: string, values?: unknown[]): Promise<void>;
  close(): Promise<void>;
}

interface Person {
  readonly userId: string;
  readonly email: string;
  /** The value of the session cookie. */
  readonly secret: string;
}

const HOUR_MS = 3_600_000;
const COOKIE = 'store_platform_session';
/** A page needs seconds, and much longer while other tests use the processors. */
const PAGE_TIMEOUT_MS = 60_000;

const openContexts = new Set<BrowserContext>();

/** Closes all pages of this file: an open page follows events and takes processor time from the next test. */
export async function closePages(): Promise<void> {
  const contexts = [...openContexts];
  openContexts.clear();
  await Promise.all(contexts.map((context) => context.close()));
}

/** Returns the settings of the run. @throws Error outside of `npm run test:dashboard` */
export function browserTestEnv(): BrowserTestEnv {
  const json = process.env['STORE_PLATFORM_BROWSER_TESTS'];
  if (json === undefined) throw new Error('no platform is running: use `npm run test:dashboard`');
  return JSON.parse(json) as BrowserTestEnv; // global-setup.js writes this variable
}

/**
 * Opens the platform that all browser tests of the run share, with a new tenant for this test file. Call it in `beforeAll`, and
 * `close` in `afterAll`.
 */
export async function openPlatform(): Promise<BrowserTestPlatform> {
  const env = browserTestEnv();
  const database = openDb({
    databaseUrl: env.platform['DATABASE_URL'] ?? '',
    poolSize: 2,
    applicationName: 'browser test',
    log: pino({ level: 'silent' }),
  });
  const people = createPeopleRecords(database);
  const now = new Date();
  const expiresAt = new Date(now.getTime() + HOUR_MS);
  let browser: Browser | undefined;

  async function insertTenant(name: string): Promise<string> {
    const id = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${randomUUID().slice(0, 8)}`;
    await database.db.insert(tenants).values({ id, name, createdAt: now, updatedAt: now });
    return id;
  }

  async function insertUser(role: TestRole): Promise<Person> {
    const userId = randomUUID();
    const { secret, hash } = newSecret();
    const email = `${role}-${userId.slice(0, 8)}@example.com`;
    const name = `${role.charAt(0).toUpperCase()}${role.slice(1)} Person`;
    await database.db.insert(users).values({
      id: userId,
      issuer: 'local',
      subject: userId,
      email,
      name,
      passwordHash: 'none',
      isOperator: role === 'operator',
      createdAt: now,
    });
    const session = { sessionId: randomUUID(), hash, userId, userAgent: 'Browser test', replacedHash: undefined };
    await people.createSession({ ...session, now, idleUntil: expiresAt, expiresAt });
    return { userId, email, secret };
  }

  async function insertMembers(tenantId: string): Promise<void> {
    const rows = (['viewer', 'member', 'admin'] as const).map((role) => {
      const { userId } = persons[role];
      return { tenantId, userId, role, createdAt: new Date() };
    });
    await database.db.insert(members).values([...rows, { ...rows[2]!, userId: persons.operator.userId }]);
  }

  const persons = {
    viewer: await insertUser('viewer'),
    member: await insertUser('member'),
    admin: await insertUser('admin'),
    operator: await insertUser('operator'),
  };
  const tenantId = await insertTenant('Acme');
  await insertMembers(tenantId);

  async function contextFor(role: TestRole | 'nobody', options: PageOptions): Promise<BrowserContext> {
    browser ??= await chromium.connect(env.browserUrl);
    const context = await browser.newContext({
      baseURL: options.url ?? env.url,
      colorScheme: options.theme ?? 'light',
      locale: options.locale ?? 'en',
      viewport: options.viewport ?? { width: 1280, height: 800 },
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(PAGE_TIMEOUT_MS);
    openContexts.add(context);
    if (role !== 'nobody') {
      await context.addCookies([{ name: COOKIE, value: persons[role].secret, url: options.url ?? env.url }]);
    }
    return context;
  }

  function cookieOf(role: TestRole): string {
    return `${COOKIE}=${persons[role].secret}`;
  }

  return {
    env,
    url: env.url,
    tenantId,
    clientAs: (role) =>
      createStorePlatformClient({
        baseUrl: env.url,
        tenant: tenantId,
        headers: { cookie: cookieOf(role), origin: env.url },
      }),
    cookieOf,
    async pageAs(role, options = {}) {
      const context = options.context ?? (await contextFor(role, options));
      const page = await context.newPage();
      await watchPage(page);
      if (options.path !== null) await page.goto(options.path ?? '/');
      return page;
    },
    async setPassword(role) {
      const password = randomUUID();
      const { userId, email } = persons[role];
      const passwordHash = await hashPassword(password);
      await database.db.update(users).set({ passwordHash }).where(eq(users.id, userId));
      return { email, password };
    },
    async addTenant(name) {
      const id = await insertTenant(name);
      await insertMembers(id);
      return id;
    },
    async query(sql, values) {
      await database.pool.query(sql, values);
    },
    async close() {
      await browser?.close();
      await database.close();
    },
  };
}
