import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { oneOf } from './checks.ts';
import { instant } from './columns.ts';
import { secretHash } from './secret-hash.ts';

/** `issuer` of the people who log in with a password of this platform. */
export const LOCAL_ISSUER = 'local';

/** People, of this platform or of a company issuer. They belong to no tenant: `members` says which tenants they may use. */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    issuer: text('issuer').notNull(),
    /** The id of the person at the issuer. For a local user, the id of the row. */
    subject: text('subject').notNull(),
    email: text('email'),
    name: text('name'),
    /** Salt, parameters and result of scrypt. Only for local users. */
    passwordHash: text('password_hash'),
    isOperator: boolean('is_operator').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    lastLoginAt: instant('last_login_at'),
    disabledAt: instant('disabled_at'),
  },
  (table) => [
    unique('users_subject').on(table.issuer, table.subject),
    uniqueIndex('users_local_email')
      .on(sql`lower(${table.email})`)
      .where(sql`${table.issuer} = 'local'`),
    check('users_password', sql`(${table.issuer} = 'local') = (${table.passwordHash} is not null)`),
  ],
);

/** Browser sessions. The cookie holds the secret, the row its hash. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    hash: secretHash('hash').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    /** `User-Agent` of the browser, for the list of sessions. */
    userAgent: text('user_agent'),
    createdAt: instant('created_at').notNull(),
    /** Written at most once a minute. */
    lastUsedAt: instant('last_used_at').notNull(),
    /** Ends earlier if the session is not used. */
    idleUntil: instant('idle_until').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    unique('sessions_hash').on(table.hash),
    index('sessions_user').on(table.userId, table.createdAt),
    index('sessions_expired').on(table.expiresAt),
  ],
);

/** One-time link with which the first operator is created. The table has at most one row. */
export const setupLinks = pgTable('setup_links', {
  hash: secretHash('hash').primaryKey(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
});

/** Logins at the company issuer that have not returned yet. Each row can be used once. */
export const oidcLogins = pgTable(
  'oidc_logins',
  {
    /** Hash of the `state` that the issuer returns. */
    hash: secretHash('hash').primaryKey(),
    /** Hash of the cookie of the browser that began the login. Another browser cannot complete it. */
    browserHash: secretHash('browser_hash').notNull(),
    /** Path to which the browser is sent after the login. */
    next: text('next').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('oidc_logins_expired').on(table.expiresAt)],
);

export const DEVICE_CODE_STATUSES = ['pending', 'approved', 'denied', 'redeemed'] as const;

/** Logins of the command line that wait for the approval of a person in a browser (RFC 8628). */
export const deviceCodes = pgTable(
  'device_codes',
  {
    hash: secretHash('hash').primaryKey(),
    userCode: text('user_code').notNull(),
    status: text('status', { enum: DEVICE_CODE_STATUSES }).notNull(),
    /** User that approved the login, and the tenant of the login. */
    userId: uuid('user_id').references(() => users.id),
    tenantId: text('tenant_id'),
    /** Name of the machine that logs in. */
    clientName: text('client_name'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    lastPolledAt: instant('last_polled_at'),
    /** Time between two polls. Each poll that comes too early makes it longer. */
    intervalSeconds: integer('interval_seconds').notNull(),
  },
  (table) => [
    unique('device_codes_user_code').on(table.userCode),
    index('device_codes_expired').on(table.expiresAt),
    check('device_codes_status', oneOf(table.status, DEVICE_CODE_STATUSES)),
    check(
      'device_codes_approved',
      sql`${table.status} not in ('approved', 'redeemed') or (${table.userId} is not null and ${table.tenantId} is not null)`,
    ),
  ],
);
