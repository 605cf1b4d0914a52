import type { StoreEvent } from '@store-platform/client';

/** Returns an event for a test. Fields that are not given have plausible values. */
export function storeEvent(type: StoreEvent['type'], given: Partial<StoreEvent> = {}): StoreEvent {
  const { seq = 1 } = given;
  return {
    seq,
    type,
    step: null,
    status: 'provisioning',
    message: type,
    data: {},
    correlationId: null,
    operationId: 'operation',
    at: atSecond(seq),
    ...given,
  };
}

/** Numbers events from 1, one each second. */
export function inOrder(...events: readonly StoreEvent[]): readonly StoreEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, at: atSecond(index + 1) }));
}

export function atSecond(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
}
