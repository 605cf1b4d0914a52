import { and, asc, eq, inArray, isNull, or } from 'drizzle-orm';
import type { ChangeMemberResult, MemberRecord, TenantRecords } from '../../domain/ports/tenant-records.ts';
import type { Transaction } from '../connection/open-db.ts';
import { members } from '../schema/tenants.ts';
import { users } from '../schema/users.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import type { Executor, TenancyQueries } from './executor.ts';
import { isAfter, newestFirst, pageOf } from './page.ts';

type MemberRecords = Pick<TenantRecords, 'roleOf' | 'listMembers' | 'setMemberRole' | 'removeMember'>;
type MemberRow = Omit<MemberRecord, 'email' | 'name'>;

const MEMBER = { userId: members.userId, role: members.role, createdAt: members.createdAt } as const;

/** A change of one member, or why it is refused. */
type MemberChange =
  | { readonly kind: 'changed'; readonly member: MemberRow }
  | Exclude<ChangeMemberResult, { readonly kind: 'changed' }>;

export function memberRecords({ all, asTenant, inTransactionOf }: TenancyQueries): MemberRecords {
  async function listMembers({ tenantId, limit, after }: Parameters<MemberRecords['listMembers']>[0]) {
    const rows = await asTenant(tenantId, (tx) =>
      tx
        .select(MEMBER)
        .from(members)
        .where(and(ofTenant(members, tenantId), isAfter(members.createdAt, members.userId, after)))
        .orderBy(...newestFirst(members.createdAt, members.userId))
        .limit(limit + 1),
    );
    const page = pageOf(rows, limit, ({ createdAt, userId }) => ({ createdAt, id: userId }));
    return { ...page, entries: await withPeople(all, page.entries) };
  }

  async function roleOf({ tenantId, userId }: Parameters<MemberRecords['roleOf']>[0]) {
    const [user] = await all
      .select({ isOperator: users.isOperator })
      .from(users)
      .where(and(eq(users.id, userId), isNull(users.disabledAt)));
    if (user === undefined) return undefined;
    if (user.isOperator) return 'admin';
    const [member] = await asTenant(tenantId, (tx) =>
      tx.select({ role: members.role }).from(members).where(keyOf(tenantId, userId)),
    );
    return member?.role;
  }

  /** Runs a change that may take the role `admin` from a member. At most one such change of a tenant runs at a time. */
  async function change(
    tenantId: string,
    userId: string,
    { takesAdmin, apply }: { readonly takesAdmin: boolean; readonly apply: (tx: Transaction) => Promise<unknown> },
  ): Promise<ChangeMemberResult> {
    const result = await inTransactionOf(tenantId, async (tx): Promise<MemberChange> => {
      const locked = await lockAdminsAnd(tx, tenantId, userId);
      const member = locked.find((row) => row.userId === userId);
      if (member === undefined) return { kind: 'notFound' };
      const admins = locked.filter(({ role }) => role === 'admin');
      if (takesAdmin && member.role === 'admin' && admins.length === 1) return { kind: 'lastAdmin' };
      await apply(tx);
      return { kind: 'changed', member };
    });
    if (result.kind !== 'changed') return result;
    const [member] = await withPeople(all, [result.member]);
    return member === undefined ? { kind: 'notFound' } : { kind: 'changed', member };
  }

  async function setMemberRole({ tenantId, userId, role }: Parameters<MemberRecords['setMemberRole']>[0]) {
    const result = await change(tenantId, userId, {
      takesAdmin: role !== 'admin',
      apply: (tx) => tx.update(members).set({ role }).where(keyOf(tenantId, userId)),
    });
    return result.kind === 'changed' ? { ...result, member: { ...result.member, role } } : result;
  }

  return {
    roleOf,
    listMembers,
    setMemberRole,
    removeMember: ({ tenantId, userId }) =>
      change(tenantId, userId, {
        takesAdmin: true,
        apply: (tx) => tx.delete(members).where(keyOf(tenantId, userId)),
      }),
  };
}

function keyOf(tenantId: string, userId: string) {
  return and(ofTenant(members, tenantId), eq(members.userId, userId));
}

/**
 * Locks the admins of a tenant and one member, and returns them. All changes lock in the same order, so no two of them wait for
 * each other.
 */
async function lockAdminsAnd(tx: Transaction, tenantId: string, userId: string): Promise<readonly MemberRow[]> {
  return tx
    .select(MEMBER)
    .from(members)
    .where(and(ofTenant(members, tenantId), or(eq(members.role, 'admin'), eq(members.userId, userId))))
    .orderBy(asc(members.userId))
    .for('update');
}

/** Adds names and addresses. People belong to no tenant, so the role of tenants cannot read them. */
async function withPeople(all: Executor, rows: readonly MemberRow[]): Promise<readonly MemberRecord[]> {
  if (rows.length === 0) return [];
  const people = await all
    .select({ userId: users.id, email: users.email, name: users.name })
    .from(users)
    .where(
      inArray(
        users.id,
        rows.map(({ userId }) => userId),
      ),
    );
  const byId = new Map(people.map((person) => [person.userId, person]));
  return rows.map((row) => {
    const { email = null, name = null } = byId.get(row.userId) ?? {};
    return { ...row, email, name };
  });
}
