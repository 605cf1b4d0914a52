import type { StoreEvent } from '@store-platform/client';

/** The events of a store that the page has, in the order of `seq` and without a gap. */
export interface EventLog {
  readonly events: readonly StoreEvent[];
  /** Whether the store has later events that are not here. They must be read from the API. */
  readonly hasGap: boolean;
}

/** Adds events that were read or streamed. An event that is known already changes nothing, and a gap is never hidden. */
export function addEvents({ events, hasGap }: EventLog, added: readonly StoreEvent[]): EventLog {
  let last = events.at(-1)?.seq;
  const fresh: StoreEvent[] = [];
  let isMissing = false;
  for (const event of added) {
    if (last !== undefined && event.seq <= last) continue;
    if (last !== undefined && event.seq > last + 1) {
      isMissing = true;
      continue;
    }
    fresh.push(event);
    last = event.seq;
  }
  if (fresh.length === 0) return isMissing && !hasGap ? { events, hasGap: true } : { events, hasGap };
  return { events: [...events, ...fresh], hasGap: isMissing };
}
