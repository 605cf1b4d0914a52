import { EventEmitter, once } from 'node:events';
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { Permit, Permits } from '../db/connection/permits.ts';

interface SharedSlot extends SlotPermit {
  readonly permit: Permit;
}

/**
 * Activity slots of a worker that are also bounded over all workers: a slot is one of `count` of this worker and one of the
 * permits that all share. It is taken before a task is polled for, so tasks wait in Temporal, in the order of its priorities
 * and tenants, and not in a worker that can't begin them.
 */
export function sharedSlots(count: number, permits: Permits): CustomSlotSupplier<ActivitySlotInfo> {
  const freed = new EventEmitter().setMaxListeners(0); // one listener for each poller
  let taken = 0;

  const isFull = (): boolean => taken >= count;

  function free(): void {
    taken -= 1;
    freed.emit('slot');
  }

  async function reserve(signal: AbortSignal): Promise<SharedSlot> {
    while (isFull()) await once(freed, 'slot', { signal });
    taken += 1;
    try {
      return { permit: await permits.acquire(signal) };
    } catch (error) {
      free();
      throw error;
    }
  }

  return {
    type: 'custom',
    async reserveSlot(_context, signal) {
      try {
        return await reserve(signal);
      } catch (error) {
        signal.throwIfAborted(); // its reason: the SDK logs any other error as ours
        throw error;
      }
    },
    // For tasks that skip the poll. They need an answer at once, and a permit is asked for over the network.
    tryReserveSlot: () => null,
    markSlotUsed: () => undefined,
    releaseSlot({ permit }) {
      (permit as SharedSlot).permit.release(); // made above
      free();
    },
  };
}
