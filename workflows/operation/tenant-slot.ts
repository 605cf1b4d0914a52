import { condition, getExternalWorkflowHandle, log, setHandler } from '@temporalio/workflow';
import { workflowIdOf } from '../../domain/names.ts';
import { tenantSlotSignal } from './messages.ts';
import type { TenantSlotResult } from '../../domain/operations/outcomes.ts';

/** Fallback for slots that become free without a signal: their run was terminated, is held, or stopped with its cluster. */
const FALLBACK_POLL_INTERVAL = '1m';

/** A slot for one running provision of a tenant. A run acquires it before its first step and releases it at its end. */
export class TenantSlot {
  #isSignalled = false;

  constructor() {
    setHandler(tenantSlotSignal, () => {
      this.#isSignalled = true;
    });
  }

  /** Waits until `request` acquires a slot. Sends a request after each signal that a slot is free, and every minute. */
  async acquire(request: () => Promise<TenantSlotResult>): Promise<void> {
    do {
      await condition(() => this.#isSignalled, FALLBACK_POLL_INTERVAL);
      this.#isSignalled = false;
    } while (!(await request()).acquired);
  }

  /** Signals the run of this store that a slot is free. Does nothing when no store of the tenant waits. */
  async release(storeId: string | undefined): Promise<void> {
    if (storeId === undefined) return;
    try {
      await getExternalWorkflowHandle(workflowIdOf(storeId)).signal(tenantSlotSignal);
    } catch (error) {
      log.info('the next run of the tenant could not be signalled; it polls for its tenant slot', { storeId, error });
    }
  }
}
