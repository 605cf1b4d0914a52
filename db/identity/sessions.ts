import { and, desc, eq, gt, inArray, lt, notInArray, sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { oidcLogins, sessions, users } from '../schema/users.ts';

/** A person with more sessions loses the oldest ones. */
const MAX_SESSIONS = 50;
/** Expired rows that one login erases. A login adds one row, so the table shrinks. */
const MAX_ERASED = 100;

export interface NewSession {
  readonly sessionId: string;
  readonly hash: Buffer;
  readonly userId: string;
  readonly userAgent: string | null;
  /** The session that the browser had before. It ends. */
  readonly replacedHash: Buffer | undefined;
  readonly now: Date;
  readonly idleUntil: Date;
  readonly expiresAt: Date;
}

export interface Session {
  readonly sessionId: string;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

/** Creates the session of a login, and erases expired ones. */
export async function createSession(
  db: Database,
  { sessionId, hash, userId, userAgent, replacedHash, now, idleUntil, expiresAt }: NewSession,
): Promise<void> {
  await db.transaction(async (tx) => {
    const expired = tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(lt(sessions.expiresAt, now))
      .limit(MAX_ERASED)
      // Concurrent logins erase different rows and never wait for each other.
      .for('update', { skipLocked: true });
    await tx.delete(sessions).where(inArray(sessions.id, expired));
    if (replacedHash !== undefined) await tx.delete(sessions).where(eq(sessions.hash, replacedHash));
    await tx
      .insert(sessions)
      .values({ id: sessionId, hash, userId, userAgent, createdAt: now, lastUsedAt: now, idleUntil, expiresAt });
    const newest = tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(eq(sessions.userId, userId))
      .orderBy(desc(sessions.createdAt), desc(sessions.id))
      .limit(MAX_SESSIONS);
    await tx.delete(sessions).where(and(eq(sessions.userId, userId), notInArray(sessions.id, newest)));
    await tx.update(users).set({ lastLoginAt: now }).where(eq(users.id, userId));
  });
}

/** Records the use of a session and postpones its idle end, unless another request has done so since `lastUsedAt`. */
export async function touchSession(
  db: Database,
  use: {
    readonly sessionId: string;
    readonly lastUsedAt: Date;
    readonly now: Date;
    readonly idleUntil: Date;
  },
): Promise<void> {
  const { sessionId, lastUsedAt, now, idleUntil } = use;
  await db
    .update(sessions)
    .set({ lastUsedAt: now, idleUntil: sql`least(${sessions.expiresAt}, ${idleUntil.toISOString()}::timestamptz)` })
    .where(and(eq(sessions.id, sessionId), eq(sessions.lastUsedAt, lastUsedAt)));
}

/** Returns the sessions of a person that have not ended, newest first. */
export async function listSessions(db: Database, userId: string, now: Date): Promise<readonly Session[]> {
  return await db
    .select({
      sessionId: sessions.id,
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      lastUsedAt: sessions.lastUsedAt,
      expiresAt: sessions.expiresAt,
    })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now), gt(sessions.idleUntil, now)))
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .limit(MAX_SESSIONS);
}

/** Ends a session of a person. Returns false if the person has no such session. */
export async function endSession(
  db: Database,
  { sessionId, userId }: { readonly sessionId: string; readonly userId: string },
): Promise<boolean> {
  const ended = await db
    .delete(sessions)
    .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId)))
    .returning({ id: sessions.id });
  return ended.length === 1;
}

/** Ends the session with this hash, if it exists. */
export async function endSessionByHash(db: Database, hash: Buffer): Promise<void> {
  await db.delete(sessions).where(eq(sessions.hash, hash));
}

/** A login that a browser begins at the company issuer. */
export interface OidcLogin {
  readonly hash: Buffer;
  readonly browserHash: Buffer;
  readonly next: string;
}

/** Records the start of a login, and erases expired ones. */
export async function beginOidcLogin(
  db: Database,
  { now, expiresAt, ...login }: OidcLogin & { readonly now: Date; readonly expiresAt: Date },
): Promise<void> {
  const expired = db
    .select({ hash: oidcLogins.hash })
    .from(oidcLogins)
    .where(lt(oidcLogins.expiresAt, now))
    .limit(MAX_ERASED)
    .for('update', { skipLocked: true });
  await db.delete(oidcLogins).where(inArray(oidcLogins.hash, expired));
  await db.insert(oidcLogins).values({ ...login, createdAt: now, expiresAt });
}

/**
 * Ends a login that returned from the issuer. Returns its next path, or undefined: no such login began in this browser, it
 * has expired, or it was used before.
 */
export async function endOidcLogin(
  db: Database,
  { hash, browserHash, now }: Pick<OidcLogin, 'hash' | 'browserHash'> & { readonly now: Date },
): Promise<string | undefined> {
  const [ended] = await db
    .delete(oidcLogins)
    .where(and(eq(oidcLogins.hash, hash), eq(oidcLogins.browserHash, browserHash), gt(oidcLogins.expiresAt, now)))
    .returning({ next: oidcLogins.next });
  return ended?.next;
}
