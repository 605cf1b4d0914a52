import { and, eq, isNull } from 'drizzle-orm';
import type { ChangeMemberResult, MemberRecord, TenantRecords } from '../../domain/ports/tenant-records.ts';
import { members, tenants } from '../schema/tenants.ts';
import { users } from '../schema/users.ts';
import type { Executor } from './executor.ts';
import { isAfter, newestFirst, pageOf } from './page.ts';

type MemberRecords = Pick<TenantRecords, 'roleOf' | 'listMembers' | 'setMemberRole' | 'removeMember'>;

const MEMBER = {
  userId: members.userId,
  email: users.email,
  name: users.name,
  role: members.role,
  createdAt: members.createdAt,
} as const;

export function memberRecords(db: Executor): MemberRecords {
  async function listMembers({ tenantId, limit, after }: Parameters<MemberRecords['listMembers']>[0]) {
    const rows = await db
      .select(MEMBER)
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(and(eq(members.tenantId, tenantId), isAfter(members.createdAt, members.userId, after)))
      .orderBy(...newestFirst(members.createdAt, members.userId))
      .limit(limit + 1);
    return pageOf(rows, limit, ({ createdAt, userId }) => ({ createdAt, id: userId }));
  }

  async function roleOf({ tenantId, userId }: Parameters<MemberRecords['roleOf']>[0]) {
    const [user] = await db
      .select({ isOperator: users.isOperator, role: members.role })
      .from(users)
      .leftJoin(members, and(eq(members.userId, users.id), eq(members.tenantId, tenantId)))
      .where(and(eq(users.id, userId), isNull(users.disabledAt)));
    return user?.isOperator === true ? 'admin' : (user?.role ?? undefined);
  }

  /** Runs a change that may take the role `admin` from a member. At most one such change of a tenant runs at a time. */
  async function change(
    tenantId: string,
    userId: string,
    { takesAdmin, apply }: { readonly takesAdmin: boolean; readonly apply: (tx: Executor) => Promise<unknown> },
  ): Promise<ChangeMemberResult> {
    return db.transaction(async (tx) => {
      await tx.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenantId)).for('update');
      const member = await find(tx, tenantId, userId);
      if (member === undefined) return { kind: 'notFound' };
      if (takesAdmin && member.role === 'admin' && (await countAdmins(tx, tenantId)) === 1) {
        return { kind: 'lastAdmin' };
      }
      await apply(tx);
      return { kind: 'changed', member };
    });
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
  return and(eq(members.tenantId, tenantId), eq(members.userId, userId));
}

async function find(tx: Executor, tenantId: string, userId: string): Promise<MemberRecord | undefined> {
  const [member] = await tx
    .select(MEMBER)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(keyOf(tenantId, userId));
  return member;
}

async function countAdmins(tx: Executor, tenantId: string): Promise<number> {
  const admins = await tx
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.role, 'admin')))
    .limit(2);
  return admins.length;
}
