import { log } from '@temporalio/activity';
import type { RetentionRecords } from '../../domain/ports/retention-records.ts';

const DAY_MS = 86_400_000;

export interface RetentionDependencies extends RetentionRecords {
  /** Days that records are kept after the delete of their store, and events and deliveries after they were written. */
  readonly recordRetentionDays: number;
  /** Days that entries of the audit log are kept. */
  readonly auditRetentionDays: number;
  readonly now: () => Date;
}

export interface EraseRecordsInput {
  /** Only stores of this cluster are erased: the list of its orphans is complete. */
  readonly cluster: string;
  readonly maxStores: number;
  readonly maxEvents: number;
}

export interface EraseRecordsResult {
  readonly stores: number;
  readonly events: number;
  readonly deliveries: number;
  readonly auditEntries: number;
  /** Whether another call may find more records to erase. */
  readonly hasMore: boolean;
}

/** Creates the activity that erases records. Safe to repeat: it acts on the current state only. */
export function createRetentionActivities(deps: RetentionDependencies) {
  function daysAgo(days: number): Date {
    return new Date(deps.now().getTime() - days * DAY_MS);
  }

  /** Erases one batch of the records whose retention is over. */
  async function eraseRecords({ cluster, maxStores, maxEvents }: EraseRecordsInput): Promise<EraseRecordsResult> {
    const before = daysAgo(deps.recordRetentionDays);
    const stores = await deps.eraseDeletedStores({ cluster, before, limit: maxStores });
    const events = await deps.eraseOldEvents({ before, limit: maxEvents });
    // A delivery is about as large as an event.
    const deliveries = await deps.eraseDeliveries({ before, limit: maxEvents });
    const auditEntries = await deps.eraseOldAuditEntries({
      before: daysAgo(deps.auditRetentionDays),
      limit: maxEvents,
    });
    const erased = { stores, events, deliveries, auditEntries };
    if (stores + events + deliveries + auditEntries > 0) {
      log.info('erased records whose retention is over', erased);
    }
    const hasMore = stores === maxStores || [events, deliveries, auditEntries].includes(maxEvents);
    return { ...erased, hasMore };
  }

  return { eraseRecords };
}
