import { EventEmitter, once } from 'node:events';
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { Permit, Permits } from '../db/connection/permits.ts';

interface SharedSlot extends SlotPermit {
  readonly permit: Permit;
}

/**
 * Creates activity slots that are limited per worker (`count`) and over all workers (`permits`). A slot holds one of each. The
 * worker reserves a slot before it polls, so tasks wait in Temporal in the order of priority and fairness, and not in a worker
 * that can't start them.
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
        signal.throwIfAborted(); // throws the reason of the abort; the SDK logs any other error as a failure of the supplier
        throw error;
      }
    },
    // The SDK asks here for tasks that skip the poll. It needs a synchronous answer, but a permit takes a network request.
    tryReserveSlot: () => null,
    markSlotUsed: () => undefined,
    releaseSlot({ permit }) {
      (permit as SharedSlot).permit.release(); // `reserve` created it
      free();
    },
  };
}
