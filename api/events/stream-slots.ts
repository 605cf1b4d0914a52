import type { Caller } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';

/** Limits the streams and long polls that a caller has open at this process at once. */
export interface StreamSlots {
  /**
   * Takes a slot. Returns the function that gives it back, which may be called twice.
   *
   * @throws Problem TOO_MANY_STREAMS
   */
  take(caller: string): () => void;
  /** Number of slots in use. */
  inUse(): number;
}

export function createStreamSlots(maxPerCaller: number): StreamSlots {
  const taken = new Map<string, number>();

  function give(caller: string): void {
    const left = (taken.get(caller) ?? 0) - 1;
    if (left <= 0) taken.delete(caller);
    else taken.set(caller, left);
  }

  return {
    take: (caller) => {
      const open = taken.get(caller) ?? 0;
      if (open >= maxPerCaller) {
        throw new Problem(
          'TOO_MANY_STREAMS',
          `You have ${open} event streams and long polls open. Close some of them, or follow all stores with one stream of GET /api/events.`,
          { extensions: { limit: maxPerCaller, live: open } },
        );
      }
      taken.set(caller, open + 1);
      let isTaken = true;
      return () => {
        if (isTaken) give(caller);
        isTaken = false;
      };
    },
    inUse: () => [...taken.values()].reduce((sum, count) => sum + count, 0),
  };
}

/** Returns the name under which the streams of a caller are counted. */
export function callerOf({ tenantId, actor }: Caller): string {
  return `${actor} ${tenantId}`;
}
