import { CancellationScope, condition, getExternalWorkflowHandle, log, setHandler } from '@temporalio/workflow';
import { workflowIdOf } from '../../domain/names.ts';
import { tenantSlotSignal } from './messages.ts';
import type { TenantSlotResult } from '../../domain/operations/outcomes.ts';

/**
 * Fallback for a slot that no record gave away, for example after a change of the limit. The reconciler repeats a lost signal
 * within minutes, so the polls are rare: ten thousand waiting runs ask less than once a second.
 */
const POLL_AT_LEAST_MS = 2 * 3_600_000;
const POLL_AT_MOST_MS = 6 * 3_600_000;
/** Requests until a run that only waits continues as new. Each adds about 11 events to the history. */
export const REQUESTS_A_RUN = 200;

/** A slot for one running provision of a tenant. A run acquires it before its first step and releases it at its end. */
export class TenantSlot {
  #isSignalled = false;

  constructor() {
    setHandler(tenantSlotSignal, () => {
      this.#isSignalled = true;
    });
  }

  /**
   * Waits until `request` reports that the operation has a slot. Sends a request after each signal, and now and then without
   * one.
   *
   * @returns false after `maxRequests` requests without a slot.
   */
  async acquire(request: () => Promise<TenantSlotResult>, maxRequests: number): Promise<boolean> {
    for (let requests = 0; requests < maxRequests; requests += 1) {
      await condition(() => this.#isSignalled, pollAfterMs());
      this.#isSignalled = false;
      const { acquired, nextInQueue } = await request();
      await signalNext(nextInQueue);
      if (acquired) return true;
    }
    return false;
  }
}

/** Signals the runs of stores whose queued operations were given a slot. */
export async function signalNext(storeIds: readonly string[] = []): Promise<void> {
  // Not cancellable: a run that is cancelled must still pass on the slots that the record gave away.
  await CancellationScope.nonCancellable(() => Promise.all(storeIds.map(signalSlot)));
}

/** The random numbers of a workflow are the same in every replay of a run, and different in every run. */
function pollAfterMs(): number {
  return Math.round(POLL_AT_LEAST_MS + Math.random() * (POLL_AT_MOST_MS - POLL_AT_LEAST_MS));
}

async function signalSlot(storeId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowIdOf(storeId)).signal(tenantSlotSignal);
  } catch (error) {
    log.info('the next run of the tenant could not be signalled; it polls for its tenant slot', { storeId, error });
  }
}
