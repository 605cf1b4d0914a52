import { expect, test } from '@jest/globals';
import { addEvents, lastSeq } from './event-log.ts';
import { storeEvent } from './testing/events.ts';

function events(...seqs: readonly number[]) {
  return seqs.map((seq) => storeEvent('step.started', { seq }));
}

test.each([
  ['starts with any event, because the oldest ones may be erased', [], [7, 8], [7, 8]],
  ['adds each event once', [1, 2], [1, 2, 3, 3, 4], [1, 2, 3, 4]],
  ['leaves out an event after a gap', [1, 2], [5], [1, 2]],
  ['adds that event together with the missing ones', [1, 2], [3, 4, 5], [1, 2, 3, 4, 5]],
])('%s', (_, known, added, expected) => {
  const all = addEvents(events(...known), events(...added));
  expect(all.map(({ seq }) => seq)).toEqual(expected);
  expect(lastSeq(all)).toBe(expected.at(-1));
});

test('returns the same list when nothing is new', () => {
  const known = events(1, 2);
  expect(addEvents(known, events(1, 2, 9))).toBe(known);
  expect(lastSeq([])).toBe(0);
});
