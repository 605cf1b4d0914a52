import type { Context } from 'hono';
import type { Principal } from '../../domain/access/principal.ts';
import type { Role } from '../../domain/access/roles.ts';
import type { ListPosition, Page } from '../../domain/list-position.ts';
import type { TenancyRecords, TenancyWork } from '../../domain/ports/tenancy-records.ts';
import type { AppEnv } from '../app-env.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { encodeTimeCursor } from '../contract/time-cursor.ts';
import type { Idempotency } from '../middleware/idempotent.ts';
import { linkToNext } from '../middleware/link-to-next.ts';
import type { ProblemCode } from '../problems/catalogue.ts';
import { Problem } from '../problems/problem.ts';
import { problemResponses } from '../problems/responses.ts';

/** Dependencies and settings of the routes of tenants, members and tokens. */
export interface TenancyOptions {
  readonly records: TenancyRecords;
  readonly idempotency: Idempotency<TenancyWork>;
  /** Maximum lifetime of an API token in days. */
  readonly maxTokenDays: number;
  /** Origin at which people reach the API. Default: the address of the request. */
  readonly publicUrl?: string | undefined;
  /** Hashes the password of a new local user. Undefined: people cannot log in with a password. */
  readonly hashPassword?: ((password: string) => Promise<string>) | undefined;
  readonly newId: () => string;
  readonly now: () => Date;
}

/** The options, and the authenticators for operations that everyone may call and that know their caller if there is one. */
export interface TenancyRoutes extends TenancyOptions {
  readonly authenticators: readonly Authenticator[];
}

/** OpenAPI responses of a read. */
export function problemsOfRead(...codes: readonly ProblemCode[]) {
  return problemResponses('HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE', ...codes);
}

/** OpenAPI responses of a change. */
export function problemsOfChange(...codes: readonly ProblemCode[]) {
  return problemsOfRead('ORIGIN_REFUSED', 'BODY_TOO_LARGE', ...codes);
}

export const PROBLEMS_OF_BODY = ['INVALID_REQUEST', 'MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE'] as const;

export const PROBLEMS_OF_CREATE = [
  ...PROBLEMS_OF_BODY,
  'IDEMPOTENCY_KEY_REQUIRED',
  'IDEMPOTENCY_KEY_INVALID',
  'IDEMPOTENCY_KEY_REUSED',
] as const;

/** Returns the pagination of a page, and sets the header `Link`. */
export function paginationOf(c: Context<AppEnv>, limit: number, { next }: Page<unknown>) {
  const nextCursor = cursorOf(next);
  if (nextCursor !== null) linkToNext(c, { cursor: nextCursor });
  return { limit, nextCursor };
}

function cursorOf(next: ListPosition | null): string | null {
  return next === null ? null : encodeTimeCursor(next);
}

/** Returns the tenant for which a request acts. The access table gives these operations to members only. */
export function tenantOf(c: Context<AppEnv>): string {
  return c.var.caller.tenantId;
}

/** Returns the role of the caller in the tenant of the request. */
export function roleOf(c: Context<AppEnv>): Role {
  const { membership } = c.var.identity;
  if (membership === null) throw new Error('the operation has a caller without a tenant');
  return membership.role;
}

/** Returns the user behind a principal, or null if it is a program or if authentication is off. */
export function userIdOf(principal: Principal): string | null {
  return 'userId' in principal ? principal.userId : null;
}

/**
 * Without authentication, a request may name any tenant.
 *
 * @throws Problem TENANT_NOT_FOUND
 */
export async function requireTenant(c: Context<AppEnv>, records: TenancyWork): Promise<void> {
  if (c.var.identity.principal.kind !== 'anonymous') return;
  const tenantId = tenantOf(c);
  if ((await records.getTenant(tenantId)) === undefined) {
    throw new Problem('TENANT_NOT_FOUND', `There is no tenant ${tenantId}.`);
  }
}

/** Returns the origin at which people reach the API. */
export function originOf(c: Context<AppEnv>, publicUrl: string | undefined): string {
  return publicUrl ?? new URL(c.req.url).origin;
}
