import { eq, inArray, lte } from 'drizzle-orm';
import type {
  IdempotentRequest,
  IdempotentRequests,
  IdempotentResult,
  OnceResult,
} from '../../domain/ports/idempotent-requests.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Transaction } from '../connection/open-db.ts';
import { idempotencyKeys } from '../schema/idempotency.ts';

/** Expired rows that one request erases. A request adds one row, so the table shrinks. */
const MAX_ERASED = 20;

/** Runs work in a transaction that may change what a request changes. */
type InTransaction = <Value>(request: IdempotentRequest, work: (tx: Transaction) => Promise<Value>) => Promise<Value>;

/**
 * Creates the idempotent requests of a database.
 *
 * @param inTransaction Opens the transaction of a request, with the rights that its work needs.
 * @param recordsOf Returns the records that the work of a request changes, in the transaction of the request.
 */
export function createIdempotentRequests<Records>(
  inTransaction: InTransaction,
  recordsOf: (tx: Transaction) => Records,
): IdempotentRequests<Records> {
  async function once<Value>(
    request: IdempotentRequest,
    work: (records: Records) => Promise<IdempotentResult<Value>>,
  ): Promise<OnceResult<Value>> {
    return inTransaction(request, async (tx) => {
      if (!(await claim(tx, request))) return replay(tx, request);
      const { value, response } = await work(recordsOf(tx));
      await tx.update(idempotencyKeys).set({ response }).where(eq(idempotencyKeys.hash, request.hash));
      await eraseExpired(tx, request.now);
      return { kind: 'done', value };
    });
  }

  return translatingConnectionErrors({ once });
}

/**
 * Writes the row of a key, or returns false if a request with the key has succeeded. While another transaction holds the
 * key, Postgres waits for its end. An expired row is replaced.
 */
async function claim(tx: Transaction, request: IdempotentRequest): Promise<boolean> {
  const { hash, tenantId, requestHash, now, expiresAt } = request;
  const row = { tenantId, requestHash, response: null, createdAt: now, expiresAt };
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({ hash, ...row })
    .onConflictDoUpdate({ target: idempotencyKeys.hash, set: row, setWhere: lte(idempotencyKeys.expiresAt, now) })
    .returning({ hash: idempotencyKeys.hash });
  return claimed.length > 0;
}

async function replay(tx: Transaction, { hash, requestHash }: IdempotentRequest): Promise<OnceResult<never>> {
  const [row] = await tx.select().from(idempotencyKeys).where(eq(idempotencyKeys.hash, hash));
  // The conflict has locked the row, so nothing can have erased it.
  if (row?.response === undefined || row.response === null) throw new Error('the row of an idempotency key is missing');
  return row.requestHash.equals(requestHash) ? { kind: 'replayed', response: row.response } : { kind: 'keyReused' };
}

/**
 * Erases expired rows, in a transaction of a tenant only those of the tenant. Comes last in the transaction, so that a
 * transaction that has locked expired rows never waits for another one.
 */
async function eraseExpired(tx: Transaction, now: Date): Promise<void> {
  const expired = tx
    .select({ hash: idempotencyKeys.hash })
    .from(idempotencyKeys)
    .where(lte(idempotencyKeys.expiresAt, now))
    .limit(MAX_ERASED)
    .for('update', { skipLocked: true });
  await tx.delete(idempotencyKeys).where(inArray(idempotencyKeys.hash, expired));
}
