import { condition, getExternalWorkflowHandle, log, setHandler } from '@temporalio/workflow';
import { workflowIdOf } from '../../domain/names.ts';
import { tenantSlotSignal } from './messages.ts';
import type { TenantSlotResult } from '../../domain/operations/outcomes.ts';

/** For the word that never came: that of a run which was terminated, or parked, or died with its cluster. */
const FALLBACK_POLL_INTERVAL = '1m';

/** A tenant's provisions run some at a time: a run waits for its turn, and passes it on when it ends. */
export class TenantSlot {
  #isCalled = false;

  constructor() {
    setHandler(tenantSlotSignal, () => {
      this.#isCalled = true;
    });
  }

  /** Waits until `ask` is answered with yes: asks when it is told that there is room, and every minute. */
  async acquire(ask: () => Promise<TenantSlotResult>): Promise<void> {
    do {
      await condition(() => this.#isCalled, FALLBACK_POLL_INTERVAL);
      this.#isCalled = false;
    } while (!(await ask()).acquired);
  }

  /** Tells the run of the store that waits longest, if one does. */
  async release(storeId: string | undefined): Promise<void> {
    if (storeId === undefined) return;
    try {
      await getExternalWorkflowHandle(workflowIdOf(storeId)).signal(tenantSlotSignal);
    } catch (error) {
      log.info('the turn could not be passed on: the next run asks by itself', { storeId, error });
    }
  }
}
