import type { Pool } from 'pg';
import type { Membership } from '../../domain/access/principal.ts';
import type { Role } from '../../domain/access/roles.ts';

/** A person behind a credential, and the tenant for which the request acts. */
export interface SessionIdentity {
  readonly sessionId: string;
  readonly userId: string;
  readonly isOperator: boolean;
  readonly lastUsedAt: Date;
  readonly membership: Membership | null;
}

export interface SubjectIdentity {
  /** Null: no person with this subject has logged in. */
  readonly userId: string | null;
  readonly isOperator: boolean;
  readonly isDisabled: boolean;
  readonly membership: Membership | null;
  /** The claimed tenants that exist. */
  readonly claimedTenants: readonly string[];
}

/** Columns that say for which tenant a person acts. `$1` is the requested tenant, or null. */
const TENANT_COLUMNS = `u.is_operator as "isOperator", m.tenant_id as "tenantId", m.role, t.id as "requestedTenant"`;
const TENANT_JOINS = `
  left join tenants t on t.id = $1
  left join lateral (
    select tenant_id, role from members
    where user_id = u.id and ($1::text is null or tenant_id = $1)
    order by created_at, tenant_id limit 1
  ) m on true`;

const BY_SESSION = {
  name: 'identity_of_session',
  text: `
  select s.id as "sessionId", s.last_used_at as "lastUsedAt", u.id as "userId", ${TENANT_COLUMNS}
  from sessions s join users u on u.id = s.user_id ${TENANT_JOINS}
  where s.hash = $2 and s.expires_at > $3 and s.idle_until > $3 and u.disabled_at is null`,
} as const;

const BY_SUBJECT = {
  name: 'identity_of_subject',
  text: `
  select u.id as "userId", u.disabled_at is not null as "isDisabled", ${TENANT_COLUMNS},
    array(select id from tenants where id = any ($4::text[]) order by id) as "claimedTenants"
  from (select 1) one left join users u on u.issuer = $2 and u.subject = $3 ${TENANT_JOINS}`,
} as const;

interface TenantRow {
  readonly isOperator: boolean | null;
  readonly tenantId: string | null;
  readonly role: Role | null;
  readonly requestedTenant: string | null;
}

/**
 * Returns who has a session, or undefined: the session does not exist, has ended, or its person is disabled. The API asks this
 * for each request of a browser, so it is one prepared statement without drizzle.
 */
export async function identityOfSession(
  pool: Pool,
  query: { readonly hash: Buffer; readonly requestedTenant: string | undefined; readonly now: Date },
): Promise<SessionIdentity | undefined> {
  const { hash, requestedTenant, now } = query;
  type Row = TenantRow & { readonly sessionId: string; readonly userId: string; readonly lastUsedAt: Date };
  const { rows } = await pool.query<Row>({ ...BY_SESSION, values: [requestedTenant ?? null, hash, now] });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { sessionId, userId, lastUsedAt } = row;
  return {
    sessionId,
    userId,
    lastUsedAt,
    isOperator: row.isOperator === true,
    membership: membershipOf(row, requestedTenant),
  };
}

/** Returns what the platform knows about the subject of a company issuer. */
export async function identityOfSubject(
  pool: Pool,
  query: {
    readonly issuer: string;
    readonly subject: string;
    readonly requestedTenant: string | undefined;
    readonly claimedTenants: readonly string[];
  },
): Promise<SubjectIdentity> {
  const { issuer, subject, requestedTenant, claimedTenants } = query;
  type Row = TenantRow & {
    readonly userId: string | null;
    readonly isDisabled: boolean;
    readonly claimedTenants: readonly string[];
  };
  const values = [requestedTenant ?? null, issuer, subject, claimedTenants];
  const { rows } = await pool.query<Row>({ ...BY_SUBJECT, values });
  const [row] = rows;
  if (row === undefined) throw new Error('the statement identity_of_subject returned no row');
  return {
    userId: row.userId,
    isOperator: row.isOperator === true,
    isDisabled: row.isDisabled,
    membership: membershipOf(row, requestedTenant),
    claimedTenants: row.claimedTenants,
  };
}

/** An operator is an admin of every tenant that exists. */
function membershipOf(row: TenantRow, requestedTenant: string | undefined): Membership | null {
  if (row.isOperator === true) {
    const tenantId = requestedTenant === undefined ? row.tenantId : row.requestedTenant;
    return tenantId === null ? null : { tenantId, role: 'admin' };
  }
  return row.tenantId === null || row.role === null ? null : { tenantId: row.tenantId, role: row.role };
}
