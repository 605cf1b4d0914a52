import type { Role } from '../access/roles.ts';
import type { Page, PageQuery } from '../list-position.ts';

/** Limits that operators set for a tenant. Null: the setting of the installation. */
export interface TenantLimits {
  readonly maxStores: number | null;
  readonly maxRunning: number | null;
  readonly maxRequestsPerMinute: number | null;
}

export interface TenantRecord extends TenantLimits {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A tenant of a user, and the role of the user there. */
export interface OwnTenant extends TenantRecord {
  readonly role: Role;
}

export interface MemberRecord {
  readonly userId: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly role: Role;
  readonly createdAt: Date;
}

/** `lastAdmin`: the change would leave the tenant without an admin. */
export type ChangeMemberResult =
  | { readonly kind: 'changed'; readonly member: MemberRecord }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'lastAdmin' };

interface MemberKey {
  readonly tenantId: string;
  readonly userId: string;
}

/** Tenants and their members. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface TenantRecords {
  /** Creates the tenant unless it exists. */
  ensureTenant(tenant: { readonly id: string; readonly name: string; readonly now: Date }): Promise<void>;
  getTenant(tenantId: string): Promise<TenantRecord | undefined>;
  /** Lists all tenants, newest first. */
  listTenants(query: PageQuery): Promise<Page<TenantRecord>>;
  /** Lists the tenants of a user, newest membership first. */
  listTenantsOf(query: PageQuery & { readonly userId: string }): Promise<Page<OwnTenant>>;
  /** Returns undefined if another tenant has the id. */
  createTenant(
    input: TenantLimits & { readonly id: string; readonly name: string; readonly now: Date },
  ): Promise<TenantRecord | undefined>;
  /** Changes the fields that are not undefined. Returns undefined if there is no such tenant. */
  updateTenant(
    input: { readonly id: string; readonly name?: string | undefined; readonly now: Date } & {
      readonly [Limit in keyof TenantLimits]?: TenantLimits[Limit] | undefined;
    },
  ): Promise<TenantRecord | undefined>;
  /** Returns the role of a user in a tenant: `admin` for an operator, undefined for every other user who is no member. */
  roleOf(key: MemberKey): Promise<Role | undefined>;
  /** Lists the members of a tenant, newest first. */
  listMembers(query: PageQuery & { readonly tenantId: string }): Promise<Page<MemberRecord>>;
  setMemberRole(input: MemberKey & { readonly role: Role }): Promise<ChangeMemberResult>;
  removeMember(key: MemberKey): Promise<ChangeMemberResult>;
}

/** People who log in with a password. */
export interface LocalUserRecords {
  /** Email addresses are compared without case. */
  createLocalUser(user: {
    readonly userId: string;
    readonly email: string;
    readonly name: string;
    readonly passwordHash: string;
    readonly now: Date;
  }): Promise<'created' | 'emailTaken'>;
}
