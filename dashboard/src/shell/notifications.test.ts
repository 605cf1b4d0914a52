import { expect, test } from '@jest/globals';
import { isOutcome, parseList, withNotification, type Notification } from './notifications.ts';

function notification(seq: number): Notification {
  return { seq, type: 'store.ready', storeId: 's', storeName: 'Acme', at: '2026-03-01T12:00:00Z', isRead: false };
}

test('the list has each outcome once, newest first, and drops the oldest ones', () => {
  let list: readonly Notification[] = [];
  for (const seq of [2, 1, 3, 3]) list = withNotification(list, notification(seq));
  expect(list.map(({ seq }) => seq)).toEqual([3, 2, 1]);
  for (let seq = 4; seq <= 100; seq += 1) list = withNotification(list, notification(seq));
  expect(list).toHaveLength(50);
  expect(list.at(-1)?.seq).toBe(51);
});

test.each([null, '', '{}', '"text"', '[{"type":"unknown"}]'])(
  'a stored list that another version wrote is empty: %s',
  (stored) => {
    expect(parseList(stored)).toEqual([]);
  },
);

test('only events that end or stop an operation are outcomes', () => {
  expect(isOutcome('store.ready')).toBe(true);
  expect(isOutcome('step.completed')).toBe(false);
});
