import { and, eq, gt, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../connection/database.ts';
import { setupLinks, users } from '../schema/users.ts';
import { createLocalUser, joinAsAdmin, type NewLocalUser } from './users.ts';

/**
 * Replaces the link with which the first operator is created. Returns false and changes nothing if the platform has an
 * operator.
 */
export async function replaceSetupLink(
  db: Database,
  link: { readonly hash: Buffer; readonly now: Date; readonly expiresAt: Date },
): Promise<boolean> {
  // The read comes first, so that a start needs no write: the database may be read-only at this moment.
  if (await hasOperator(db)) return false;
  return await db.transaction(async (tx) => {
    await lockSetup(tx);
    if (await hasOperator(tx)) return false;
    await tx.delete(setupLinks);
    await tx.insert(setupLinks).values({ hash: link.hash, createdAt: link.now, expiresAt: link.expiresAt });
    return true;
  });
}

/** Returns whether a link can be used to create the first operator. */
export async function isSetupLink(
  db: Database | Transaction,
  { hash, now }: { readonly hash: Buffer; readonly now: Date },
): Promise<boolean> {
  const found = await db
    .select({ hash: setupLinks.hash })
    .from(setupLinks)
    .where(and(eq(setupLinks.hash, hash), gt(setupLinks.expiresAt, now)));
  return found.length === 1;
}

/** Creates the first operator, who becomes an admin of the tenant, and uses up the link. Exactly one call succeeds. */
export async function createFirstOperator(
  db: Database,
  { hash, tenantId, user }: { readonly hash: Buffer; readonly tenantId: string; readonly user: NewLocalUser },
): Promise<'created' | 'linkInvalid' | 'emailTaken'> {
  return await db.transaction(async (tx) => {
    await lockSetup(tx);
    if ((await hasOperator(tx)) || !(await isSetupLink(tx, { hash, now: user.now }))) return 'linkInvalid';
    const result = await createLocalUser(tx, { ...user, isOperator: true });
    if (result !== 'created') return result;
    await joinAsAdmin(tx, { userId: user.userId, tenantId, now: user.now });
    await tx.delete(setupLinks);
    return 'created';
  });
}

/** Makes concurrent setups run one after the other. */
async function lockSetup(tx: Transaction): Promise<void> {
  await tx.execute(sql`lock table ${setupLinks} in share row exclusive mode`);
}

async function hasOperator(db: Database | Transaction): Promise<boolean> {
  const found = await db.select({ id: users.id }).from(users).where(eq(users.isOperator, true)).limit(1);
  return found.length === 1;
}
