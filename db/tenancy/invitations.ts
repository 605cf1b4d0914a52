import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { includesRole } from '../../domain/access/roles.ts';
import type { AcceptResult, InvitationRecord, InvitationRecords } from '../../domain/ports/invitation-records.ts';
import { invitations, members } from '../schema/tenants.ts';
import { users } from '../schema/users.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import type { Executor, TenancyQueries } from './executor.ts';
import { isAfter, newestFirst, pageOf } from './page.ts';

const INVITATION = {
  id: invitations.id,
  tenantId: invitations.tenantId,
  email: invitations.email,
  role: invitations.role,
  createdBy: invitations.createdBy,
  createdAt: invitations.createdAt,
  expiresAt: invitations.expiresAt,
} as const;

/** Returns the records of invitations on a database or in a transaction. */
export function invitationRecords({ all: db, asTenant }: TenancyQueries): InvitationRecords {
  async function createInvitation({ now, ...invitation }: Parameters<InvitationRecords['createInvitation']>[0]) {
    await asTenant(invitation.tenantId, (tx) => tx.insert(invitations).values({ ...invitation, createdAt: now }));
    const { hash: _, ...record } = invitation;
    return { ...record, createdAt: now };
  }

  async function listInvitations(query: Parameters<InvitationRecords['listInvitations']>[0]) {
    const { tenantId, limit, after, now } = query;
    const rows = await asTenant(tenantId, (tx) =>
      tx
        .select(INVITATION)
        .from(invitations)
        .where(and(ofTenant(invitations, tenantId), isOpen(now), isAfter(invitations.createdAt, invitations.id, after)))
        .orderBy(...newestFirst(invitations.createdAt, invitations.id))
        .limit(limit + 1),
    );
    return pageOf(rows, limit, ({ createdAt, id }) => ({ createdAt, id }));
  }

  async function findInvitation({ hash, now }: Parameters<InvitationRecords['findInvitation']>[0]) {
    const [found] = await db
      .select(INVITATION)
      .from(invitations)
      .where(and(eq(invitations.hash, hash), isOpen(now)));
    return found;
  }

  async function revokeInvitation({ tenantId, id, now }: Parameters<InvitationRecords['revokeInvitation']>[0]) {
    const revoked = await asTenant(tenantId, (tx) =>
      tx
        .update(invitations)
        .set({ revokedAt: now })
        .where(and(ofTenant(invitations, tenantId), eq(invitations.id, id), isOpen(now)))
        .returning({ id: invitations.id }),
    );
    return revoked.length > 0;
  }

  return {
    createInvitation,
    listInvitations,
    findInvitation,
    revokeInvitation,
    acceptInvitation: (input) => db.transaction((tx) => accept(tx, input)),
  };
}

function isOpen(now: Date) {
  return and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt), gt(invitations.expiresAt, now));
}

async function accept(
  tx: Executor,
  { hash, userId, now }: Parameters<InvitationRecords['acceptInvitation']>[0],
): Promise<AcceptResult> {
  const [invitation] = await tx
    .select({ ...INVITATION, acceptedBy: invitations.acceptedBy, isOpen: sql<boolean>`${isOpen(now)}` })
    .from(invitations)
    .where(eq(invitations.hash, hash))
    .for('update');
  if (invitation === undefined) return { kind: 'notFound' };
  const { tenantId, email, role } = invitation;
  if (!invitation.isOpen)
    return invitation.acceptedBy === userId ? acceptedOf(tx, tenantId, userId) : { kind: 'notFound' };
  if (email !== null && !(await hasEmail(tx, userId, email))) return { kind: 'otherEmail' };
  await tx.update(invitations).set({ acceptedAt: now, acceptedBy: userId }).where(eq(invitations.hash, hash));
  await join(tx, { tenantId, userId, role, now });
  return acceptedOf(tx, tenantId, userId);
}

async function join(
  tx: Executor,
  member: Pick<InvitationRecord, 'tenantId' | 'role'> & { readonly userId: string; readonly now: Date },
): Promise<void> {
  const { tenantId, userId, role, now } = member;
  const inserted = await tx
    .insert(members)
    .values({ tenantId, userId, role, createdAt: now })
    .onConflictDoNothing()
    .returning({ role: members.role });
  if (inserted.length > 0) return;
  const [present] = await tx.select().from(members).where(keyOf(tenantId, userId)).for('update');
  if (present === undefined || includesRole(present.role, role)) return;
  await tx.update(members).set({ role }).where(keyOf(tenantId, userId));
}

async function acceptedOf(tx: Executor, tenantId: string, userId: string): Promise<AcceptResult> {
  const [member] = await tx.select({ role: members.role }).from(members).where(keyOf(tenantId, userId));
  // The user accepted before and was removed since.
  return member === undefined ? { kind: 'notFound' } : { kind: 'accepted', tenantId, role: member.role };
}

async function hasEmail(tx: Executor, userId: string, email: string): Promise<boolean> {
  const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId));
  return user?.email?.toLowerCase() === email.toLowerCase();
}

function keyOf(tenantId: string, userId: string) {
  return and(eq(members.tenantId, tenantId), eq(members.userId, userId));
}
