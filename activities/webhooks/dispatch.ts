import { log } from '@temporalio/activity';
import type { DeliveryRecords, DeliveryToStart } from '../../domain/ports/webhook-records.ts';
import type { WebhookRuns } from '../../domain/ports/webhook-runs.ts';
import { pause, sendHeartbeat } from '../runtime/activity-context.ts';

/** A look is one read of an index that is empty most of the time. It is the delay of a message. */
const LOOK_EVERY_MS = 1_000;
/** Deliveries of one look. */
const BATCH = 50;
/** Starts at the same time: each is one request to Temporal. */
const STARTS_AT_ONCE = 10;
/** A run that waits for its next attempt is on time. After this delay, the run may be lost. */
const OVERDUE_MS = 900_000; // 15 min

export interface DispatchDependencies {
  readonly records: Pick<DeliveryRecords, 'listUnstarted' | 'listOverdue' | 'noteStarted'>;
  readonly runs: WebhookRuns;
  readonly retryDelaysMs: readonly number[];
  /** Aborted when the worker shuts down. The activity then ends, so that another worker continues at once. */
  readonly stopping: AbortSignal;
  readonly now: () => Date;
}

/**
 * Creates the activity that starts the runs of new deliveries. Safe to repeat, and two attempts can overlap: Temporal allows
 * one run per delivery and round.
 */
export function createDispatchActivities({ records, runs, retryDelaysMs, stopping, now }: DispatchDependencies) {
  /** Starts the runs of deliveries as they are written, for `forMs` milliseconds. Returns the number of started runs. */
  async function dispatchDeliveries({ forMs }: { readonly forMs: number }): Promise<{ readonly started: number }> {
    const untilMs = now().getTime() + forMs;
    let started = await startOverdue();
    while (!stopping.aborted && now().getTime() < untilMs) {
      sendHeartbeat({ started });
      const batch = await records.listUnstarted({ limit: BATCH });
      started += await startAll(batch);
      if (batch.length < BATCH) await pause(LOOK_EVERY_MS);
    }
    return { started };
  }

  /** Starts the runs again that Temporal or an operator ended before their delivery. */
  async function startOverdue(): Promise<number> {
    const dueBefore = new Date(now().getTime() - OVERDUE_MS);
    return startAll(await records.listOverdue({ dueBefore, limit: BATCH }));
  }

  async function startAll(deliveries: readonly DeliveryToStart[]): Promise<number> {
    let started = 0;
    for (let first = 0; first < deliveries.length; first += STARTS_AT_ONCE) {
      const group = deliveries.slice(first, first + STARTS_AT_ONCE);
      const outcomes = await Promise.all(group.map((delivery) => runs.start({ ...delivery, retryDelaysMs })));
      await records.noteStarted({ deliveries: group, now: now() });
      started += outcomes.filter((outcome) => outcome === 'started').length;
    }
    if (started > 0) log.debug('started the runs of deliveries', { started });
    return started;
  }

  return { dispatchDeliveries };
}
