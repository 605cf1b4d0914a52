import { expect, test } from '@jest/globals';
import {
  clearedConditions,
  hasCondition,
  withCondition,
  type ConditionReport,
  type StoreCondition,
} from './conditions.ts';

const FIRST = '2026-01-02T03:04:05.000Z';
const SECOND = '2026-01-02T03:05:05.000Z';

const delayed: ConditionReport = {
  type: 'ReadinessDelayed',
  status: 'True',
  reason: 'Unschedulable',
  message: 'no node can schedule the pod web-1',
};
const known: readonly StoreCondition[] = [{ ...delayed, lastTransitionTime: FIRST }];

test('a new condition is added with the time of its report', () => {
  expect(withCondition([], delayed, FIRST)).toEqual({ conditions: known, isEvent: true });
});

test('a report that changes nothing returns the same list', () => {
  expect(withCondition(known, delayed, SECOND).conditions).toBe(known);
});

test('a condition that never held cannot be cleared', () => {
  expect(withCondition([], { ...delayed, status: 'False' }, FIRST)).toEqual({ conditions: [], isEvent: false });
});

test.each([
  ['a new message is no event and no transition', { message: 'another pod' }, { isEvent: false, at: FIRST }],
  ['a new reason is an event but no transition', { reason: 'VolumePending' }, { isEvent: true, at: FIRST }],
  ['a new status is an event and a transition', { status: 'False' as const }, { isEvent: true, at: SECOND }],
])('%s', (_, change, { isEvent, at }) => {
  const report = { ...delayed, ...change };
  expect(withCondition(known, report, SECOND)).toEqual({
    conditions: [{ ...report, lastTransitionTime: at }],
    isEvent,
  });
});

test('only conditions that hold are cleared', () => {
  const cleared = { reason: 'OperationEnded', message: 'the provision ended' };
  const reports = clearedConditions(known, ['ReadinessDelayed', 'Stalled'], cleared);
  expect(reports).toEqual([{ type: 'ReadinessDelayed', status: 'False', ...cleared }]);
  const [report] = reports;
  if (report === undefined) throw new Error('no report');
  const after = withCondition(known, report, SECOND).conditions;
  expect(hasCondition(after, 'ReadinessDelayed')).toBe(false);
  expect(clearedConditions(after, ['ReadinessDelayed'], cleared)).toEqual([]);
});
