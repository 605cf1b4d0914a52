import { log } from '@temporalio/activity';
import type { RetentionRecords } from '../../domain/ports/retention-records.ts';

const DAY_MS = 86_400_000;

export interface RetentionDependencies extends RetentionRecords {
  /** Days that records are kept after the delete of their store, and events and deliveries after they were written. */
  readonly recordRetentionDays: number;
  readonly now: () => Date;
}

export interface EraseRecordsInput {
  readonly maxStores: number;
  readonly maxEvents: number;
}

export interface EraseRecordsResult {
  readonly stores: number;
  readonly events: number;
  readonly deliveries: number;
  /** Whether another call may find more records to erase. */
  readonly hasMore: boolean;
}

/** Creates the activity that erases records. Safe to repeat: it acts on the current state only. */
export function createRetentionActivities(deps: RetentionDependencies) {
  /** Erases one batch of the records whose retention is over. */
  async function eraseRecords({ maxStores, maxEvents }: EraseRecordsInput): Promise<EraseRecordsResult> {
    const before = new Date(deps.now().getTime() - deps.recordRetentionDays * DAY_MS);
    const stores = await deps.eraseDeletedStores({ before, limit: maxStores });
    const events = await deps.eraseOldEvents({ before, limit: maxEvents });
    // A delivery is about as large as an event.
    const deliveries = await deps.eraseDeliveries({ before, limit: maxEvents });
    const erased = { stores, events, deliveries };
    if (stores + events + deliveries > 0) log.info('erased records whose retention is over', erased);
    return { ...erased, hasMore: stores === maxStores || events === maxEvents || deliveries === maxEvents };
  }

  return { eraseRecords };
}
