import { and, eq, exists, gt, inArray, lte, or, sql } from 'drizzle-orm';
import type { DeviceRecords, PollResult } from '../../domain/ports/device-records.ts';
import { members, tenants } from '../schema/tenants.ts';
import { deviceCodes, users } from '../schema/users.ts';
import type { Executor } from './executor.ts';

/** Seconds by which the interval grows when a client polls too early (RFC 8628, 3.5). */
const SLOW_DOWN_SECONDS = 5;
/** Expired rows that one login erases. A login adds one row, so the table shrinks. */
const MAX_ERASED = 20;

/** Returns the records of logins of the command line on a database or in a transaction. */
export function deviceRecords(db: Executor): DeviceRecords {
  async function createDeviceCode({ now, ...code }: Parameters<DeviceRecords['createDeviceCode']>[0]) {
    await eraseExpired(db, now);
    const created = await db
      .insert(deviceCodes)
      .values({ ...code, status: 'pending', createdAt: now })
      .onConflictDoNothing()
      .returning({ hash: deviceCodes.hash });
    return created.length > 0;
  }

  async function decideDeviceCode(input: Parameters<DeviceRecords['decideDeviceCode']>[0]) {
    const { userCode, decision, userId, tenantId, now } = input;
    const [decided] = await db
      .update(deviceCodes)
      .set({ status: decision, userId, tenantId })
      .where(
        and(
          eq(deviceCodes.userCode, userCode),
          eq(deviceCodes.status, 'pending'),
          gt(deviceCodes.expiresAt, now),
          tenantId === null ? undefined : or(isMember(db, tenantId, userId), isOperator(db, tenantId, userId)),
        ),
      )
      .returning({ clientName: deviceCodes.clientName });
    return decided;
  }

  return {
    createDeviceCode,
    decideDeviceCode,
    pollDeviceCode: (input) => db.transaction((tx) => poll(tx, input)),
  };
}

/** Holds the lock of the row: concurrent polls redeem an approved login once. */
async function poll(db: Executor, { hash, now }: Parameters<DeviceRecords['pollDeviceCode']>[0]): Promise<PollResult> {
  const isEarly = sql`${deviceCodes.lastPolledAt} is not null and
    ${deviceCodes.lastPolledAt} + make_interval(secs => ${deviceCodes.intervalSeconds}) > ${now.toISOString()}::timestamptz`;
  const [before] = await db
    .select({ status: deviceCodes.status, isEarly: sql<boolean>`${isEarly}` })
    .from(deviceCodes)
    .where(and(eq(deviceCodes.hash, hash), gt(deviceCodes.expiresAt, now)))
    .for('update');
  if (before === undefined || before.status === 'redeemed') return { kind: 'expired_token' };
  if (before.status === 'denied') return { kind: 'access_denied' };
  const [polled] = await db
    .update(deviceCodes)
    .set({
      lastPolledAt: now,
      status: sql`case when ${deviceCodes.status} = 'approved' then 'redeemed' else ${deviceCodes.status} end`,
      intervalSeconds: sql`${deviceCodes.intervalSeconds} + case when ${isEarly} and ${deviceCodes.status} = 'pending'
        then ${SLOW_DOWN_SECONDS}::integer else 0 end`,
    })
    .where(eq(deviceCodes.hash, hash))
    .returning();
  if (polled?.status !== 'redeemed') return { kind: before.isEarly ? 'slow_down' : 'authorization_pending' };
  const { userId, tenantId, clientName } = polled;
  if (userId === null || tenantId === null) throw new Error('an approved login has no user');
  return { kind: 'redeemed', userId, tenantId, clientName };
}

async function eraseExpired(db: Executor, now: Date): Promise<void> {
  const expired = db
    .select({ hash: deviceCodes.hash })
    .from(deviceCodes)
    .where(lte(deviceCodes.expiresAt, now))
    .limit(MAX_ERASED)
    .for('update', { skipLocked: true });
  await db.delete(deviceCodes).where(inArray(deviceCodes.hash, expired));
}

function isMember(db: Executor, tenantId: string, userId: string) {
  return exists(
    db
      .select({ one: sql`1` })
      .from(members)
      .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId))),
  );
}

function isOperator(db: Executor, tenantId: string, userId: string) {
  return exists(
    db
      .select({ one: sql`1` })
      .from(users)
      .innerJoin(tenants, eq(tenants.id, tenantId))
      .where(and(eq(users.id, userId), eq(users.isOperator, true))),
  );
}
