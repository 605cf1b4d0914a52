import { describe, expect, test } from '@jest/globals';
import { addEvents, type EventLog } from './event-log.ts';
import { storeEvent } from './testing/events.ts';

const EMPTY: EventLog = { events: [], hasGap: false };

function events(...seqs: readonly number[]) {
  return seqs.map((seq) => storeEvent('step.started', { seq }));
}

function seqsOf(log: EventLog) {
  return { seqs: log.events.map(({ seq }) => seq), hasGap: log.hasGap };
}

describe('addEvents', () => {
  test('starts with any event, because the oldest ones may be erased', () => {
    expect(seqsOf(addEvents(EMPTY, events(7, 8)))).toEqual({ seqs: [7, 8], hasGap: false });
  });

  test('adds each event once', () => {
    const log = addEvents(EMPTY, events(1, 2));
    expect(seqsOf(addEvents(log, events(1, 2, 3, 3, 4)))).toEqual({ seqs: [1, 2, 3, 4], hasGap: false });
    expect(addEvents(log, events(1, 2)).events).toBe(log.events);
  });

  test('reports a gap instead of hiding it, until the missing events arrive', () => {
    const log = addEvents(EMPTY, events(1, 2));
    const gap = addEvents(log, events(5));
    expect(seqsOf(gap)).toEqual({ seqs: [1, 2], hasGap: true });
    expect(addEvents(gap, events(2)).hasGap).toBe(true);
    expect(seqsOf(addEvents(gap, events(3, 4, 5)))).toEqual({ seqs: [1, 2, 3, 4, 5], hasGap: false });
  });
});
