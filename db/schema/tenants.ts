import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { ROLES } from '../../domain/access/roles.ts';
import type { Scope } from '../../domain/access/scopes.ts';
import { oneOf } from './checks.ts';
import { instant } from './columns.ts';
import { secretHash } from './secret-hash.ts';
import { users } from './users.ts';

/** Those who own stores. Members are people, service accounts are programs. */
export const tenants = pgTable(
  'tenants',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** Limits that operators set for this tenant. Null: the settings of the installation. */
    maxStores: integer('max_stores'),
    maxRunning: integer('max_running'),
    maxRequestsPerMinute: integer('max_requests_per_minute'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('tenants_list').on(table.createdAt, table.id)],
);

export const members = pgTable(
  'members',
  {
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    role: text('role', { enum: ROLES }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'members_pk', columns: [table.tenantId, table.userId] }),
    index('members_user').on(table.userId, table.createdAt),
    check('members_role', oneOf(table.role, ROLES)),
  ],
);

/** Links with which a person joins a tenant. */
export const invitations = pgTable(
  'invitations',
  {
    id: uuid('id').primaryKey(),
    hash: secretHash('hash').notNull(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** Address of the invited person. Null: every person with the link may accept. */
    email: text('email'),
    role: text('role', { enum: ROLES }).notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    acceptedAt: instant('accepted_at'),
    acceptedBy: uuid('accepted_by').references(() => users.id),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    unique('invitations_hash').on(table.hash),
    index('invitations_list').on(table.tenantId, table.createdAt, table.id),
    check('invitations_role', oneOf(table.role, ROLES)),
    check('invitations_accepted', sql`(${table.acceptedAt} is null) = (${table.acceptedBy} is null)`),
  ],
);

/** Programs that act for a tenant. */
export const serviceAccounts = pgTable(
  'service_accounts',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    name: text('name').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    index('service_accounts_list').on(table.tenantId, table.createdAt, table.id),
    check('service_accounts_role', oneOf(table.role, ROLES)),
  ],
);

/** API tokens. A token belongs to a person or to a service account, and acts for one tenant. */
export const apiTokens = pgTable(
  'api_tokens',
  {
    id: uuid('id').primaryKey(),
    hash: secretHash('hash').notNull(),
    /** The first characters of the token, so that people recognize it. */
    prefix: text('prefix').notNull(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    name: text('name').notNull(),
    userId: uuid('user_id').references(() => users.id),
    serviceAccountId: uuid('service_account_id').references(() => serviceAccounts.id),
    /** At most this role. A token of a person never has more rights than the person. */
    role: text('role', { enum: ROLES }).notNull(),
    /** Null: all rights of the role. */
    scopes: text('scopes').array().$type<readonly Scope[]>(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    /** Written at most once a minute. */
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [
    unique('api_tokens_hash').on(table.hash),
    index('api_tokens_list').on(table.tenantId, table.createdAt, table.id),
    index('api_tokens_user').on(table.userId, table.createdAt, table.id),
    index('api_tokens_service_account').on(table.serviceAccountId, table.createdAt, table.id),
    check('api_tokens_role', oneOf(table.role, ROLES)),
    check('api_tokens_owner', sql`num_nonnulls(${table.userId}, ${table.serviceAccountId}) = 1`),
  ],
);
