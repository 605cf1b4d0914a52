import type { StoreEvent } from '@store-platform/client';

/**
 * Adds events that were read or streamed to those that the page has, in the order of `seq`. Each event is added once. An event after
 * a gap is left out: the caller reads the missing ones from the API, and this one with them.
 */
export function addEvents(events: readonly StoreEvent[], added: readonly StoreEvent[]): readonly StoreEvent[] {
  const all = [...events];
  for (const event of added) {
    const last = all.at(-1)?.seq;
    if (last === undefined || event.seq === last + 1) all.push(event);
  }
  return all.length === events.length ? events : all;
}

/** Returns the number of the last event, or 0. */
export function lastSeq(events: readonly StoreEvent[]): number {
  return events.at(-1)?.seq ?? 0;
}
