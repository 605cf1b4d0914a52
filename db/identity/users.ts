import { and, asc, eq, ne, sql } from 'drizzle-orm';
import type { Role } from '../../domain/access/roles.ts';
import type { Database, Queries, Transaction } from '../connection/database.ts';
import { members, tenants } from '../schema/tenants.ts';
import { LOCAL_ISSUER, sessions, users } from '../schema/users.ts';

/** A person, as the API shows it. */
export interface User {
  readonly userId: string;
  readonly issuer: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly isOperator: boolean;
}

/** A person that logs in with a password. */
export interface NewLocalUser {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  /** Result of `hashPassword` in `api/auth/passwords.ts`. */
  readonly passwordHash: string;
  readonly isOperator?: boolean;
  readonly now: Date;
}

/** Creates a local user. Email addresses are compared without case. Returns `emailTaken` and changes nothing if another local user has the address. */
export async function createLocalUser(
  tx: Transaction | Queries,
  { userId, email, name, passwordHash, isOperator = false, now }: NewLocalUser,
): Promise<'created' | 'emailTaken'> {
  const inserted = await tx
    .insert(users)
    .values({
      id: userId,
      issuer: LOCAL_ISSUER,
      subject: userId,
      email,
      name,
      passwordHash,
      isOperator,
      createdAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: users.id });
  return inserted.length === 1 ? 'created' : 'emailTaken';
}

/** Makes a person an admin of a tenant, and creates the tenant if it does not exist. A member keeps its role. */
export async function joinAsAdmin(
  tx: Transaction,
  { userId, tenantId, now }: { readonly userId: string; readonly tenantId: string; readonly now: Date },
): Promise<void> {
  await tx
    .insert(tenants)
    .values({ id: tenantId, name: tenantId, createdAt: now, updatedAt: now })
    .onConflictDoNothing();
  await tx.insert(members).values({ tenantId, userId, role: 'admin', createdAt: now }).onConflictDoNothing();
}

/** Returns the id and the password hash of a local user who is not disabled. */
export async function findLocalUser(
  db: Database,
  email: string,
): Promise<{ readonly userId: string; readonly passwordHash: string } | undefined> {
  const [row] = await db
    .select({ userId: users.id, passwordHash: users.passwordHash })
    .from(users)
    // The literal and the expression are those of the index users_local_email.
    .where(sql`lower(${users.email}) = lower(${email}) and ${users.issuer} = 'local' and ${users.disabledAt} is null`);
  if (row?.passwordHash === undefined || row.passwordHash === null) return undefined;
  return { userId: row.userId, passwordHash: row.passwordHash };
}

/** Returns a person and the hash of the password, which is null for a person of a company issuer. */
export async function findUser(
  db: Database,
  userId: string,
): Promise<(User & { readonly passwordHash: string | null }) | undefined> {
  const [row] = await db.select().from(users).where(eq(users.id, userId));
  if (row === undefined) return undefined;
  const { issuer, email, name, isOperator, passwordHash } = row;
  return { userId, issuer, email, name, isOperator, passwordHash };
}

/** Returns the tenants of a person. The first one is the default. */
export async function membershipsOf(
  db: Database,
  userId: string,
): Promise<readonly { readonly tenantId: string; readonly name: string; readonly role: Role }[]> {
  return await db
    .select({ tenantId: tenants.id, name: tenants.name, role: members.role })
    .from(members)
    .innerJoin(tenants, eq(tenants.id, members.tenantId))
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt), asc(members.tenantId));
}

/**
 * Replaces the password of a person and ends all sessions but one. Returns false and changes nothing if the person no longer
 * has the old hash: another request has changed the password.
 */
export async function changePassword(
  db: Database,
  change: {
    readonly userId: string;
    readonly oldHash: string;
    readonly newHash: string;
    readonly keptSessionId: string;
  },
): Promise<boolean> {
  const { userId, oldHash, newHash, keptSessionId } = change;
  return await db.transaction(async (tx) => {
    const changed = await tx
      .update(users)
      .set({ passwordHash: newHash })
      .where(and(eq(users.id, userId), eq(users.passwordHash, oldHash)))
      .returning({ id: users.id });
    if (changed.length === 0) return false;
    await tx.delete(sessions).where(and(eq(sessions.userId, userId), ne(sessions.id, keptSessionId)));
    return true;
  });
}

/** A person whom a company issuer has authenticated. */
export interface Subject {
  /** Used if the person has not logged in before. */
  readonly newUserId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
  /** True makes the person an operator, and an admin of the tenant. False changes nothing. */
  readonly becomesOperator: boolean;
  readonly operatorTenant: string;
  readonly now: Date;
}

/** Records the login of a person of a company issuer. The first login creates the user, without a tenant. */
export async function recordSubject(
  db: Database,
  { newUserId, becomesOperator, operatorTenant, now, ...subject }: Subject,
): Promise<{ readonly userId: string; readonly isDisabled: boolean }> {
  return await db.transaction(async (tx) => {
    const [row] = await tx
      .insert(users)
      .values({ id: newUserId, ...subject, isOperator: becomesOperator, createdAt: now })
      .onConflictDoUpdate({
        target: [users.issuer, users.subject],
        set: {
          email: subject.email,
          name: subject.name,
          isOperator: sql`${users.isOperator} or excluded.is_operator`,
        },
      })
      .returning({ userId: users.id, disabledAt: users.disabledAt });
    if (row === undefined) throw new Error('an upsert of a user returned no row');
    if (becomesOperator) await joinAsAdmin(tx, { userId: row.userId, tenantId: operatorTenant, now });
    return { userId: row.userId, isDisabled: row.disabledAt !== null };
  });
}
