import { and, asc, eq, gt, isNull, ne } from 'drizzle-orm';
import type { VerificationPage, VerificationRecords } from '../../domain/ports/verification-records.ts';
import type { CheckoutVerification } from '../../domain/store/store.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import { lockStore, updateStore } from '../stores/transition.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { isReady, stores } from '../schema/stores.ts';
import { appendEvents, type EventDraft } from '../stores/events.ts';
import { openOperation, targetOf } from '../stores/record.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Creates the records of verifications on a database. */
export function createVerificationRecords(db: Database): VerificationRecords {
  async function listStoresToVerify({ limit, ...from }: Parameters<VerificationRecords['listStoresToVerify']>[0]) {
    const records = await db.select().from(stores).where(isToVerify(from)).orderBy(asc(stores.id)).limit(limit);
    return records.map(targetOf);
  }

  return translatingConnectionErrors({
    countStoresToVerify: (from) => db.$count(stores, isToVerify(from)),
    listStoresToVerify,
    recordVerification: (input, now) => db.transaction((tx) => recordVerification(tx, input, now)),
  });
}

/** Returns the condition of the stores of a cluster to verify after a position. */
function isToVerify({ cluster, after }: Omit<VerificationPage, 'limit'>) {
  const isServing = and(
    isReady(stores),
    eq(stores.cluster, cluster),
    ne(stores.nodes, 'simulated'),
    isNull(stores.deleteRequestedAt),
  );
  return after === null ? isServing : and(isServing, gt(stores.id, after));
}

async function recordVerification(
  tx: Transaction,
  { store, check }: { readonly store: StoreTarget; readonly check: CheckoutVerification },
  now: Date,
): Promise<boolean> {
  const record = await lockStore(tx, store);
  if (record === undefined || record.status !== 'ready' || openOperation(record) !== null) return false;
  const { id: storeId, tenantId, degradedSince } = record;
  const { correlationId } = record.operation;
  const event = eventFor(check, degradedSince);
  if (event !== undefined) {
    await appendEvents(tx, { storeId, tenantId, correlationId, operationId: null, now }, [event]);
  }
  const set =
    check.outcome === 'passed'
      ? { lastVerifiedAt: now, degradedSince: null, degradedCause: null }
      : {
          degradedSince: degradedSince ?? now,
          degradedCause: { step: check.step, reason: check.reason, message: check.message },
        };
  await updateStore(tx, { storeId, set, now });
  return true;
}

function eventFor(check: CheckoutVerification, degradedSince: Date | null): EventDraft | undefined {
  const base = { dedupeKey: null, status: 'ready' } as const;
  if (check.outcome === 'failed') {
    if (degradedSince !== null) return undefined;
    const { step, reason, message } = check;
    return { ...base, type: 'store.degraded', message: `The verification failed: ${message}`, data: { step, reason } };
  }
  if (degradedSince === null) return undefined;
  const data = { degradedSince: degradedSince.toISOString(), steps: check.steps };
  return { ...base, type: 'store.recovered', message: 'The verification passed again', data };
}
