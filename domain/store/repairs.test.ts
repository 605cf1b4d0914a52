import { expect, test } from '@jest/globals';
import { activeRepairs, isRepairDue, MAX_EQUAL_REPAIRS, suspendedObjects, withRepairs } from './repairs.ts';
import type { DriftedObject } from './store.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-02T00:00:00Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE);

const scaled: DriftedObject = {
  object: 'Deployment/web',
  state: 'changed',
  fields: ['spec.replicas'],
  needsPerson: null,
};
const missing: DriftedObject = { object: 'Service/web', state: 'missing', fields: [], needsPerson: null };

test('an object that changes again after each repair is repaired after 5, 10, 20 … minutes, and then no more', () => {
  const repairedAfter: number[] = [];
  let repairs: Parameters<typeof withRepairs>[0] = [];
  let last = 0;
  for (let minute = 0; minute < 3 * 1_440; minute += 5) {
    if (!isRepairDue(scaled, activeRepairs(repairs, [scaled], at(minute)), at(minute))) continue;
    repairs = withRepairs(repairs, [scaled], at(minute));
    repairedAfter.push(minute - last);
    last = minute;
  }
  expect(repairedAfter).toEqual([0, 5, 10, 20, 40, 80, 160, 320]);
  expect(repairedAfter).toHaveLength(MAX_EQUAL_REPAIRS);
  expect(suspendedObjects([scaled, missing], repairs)).toEqual([scaled]);
});

test('other fields and other objects are repaired at once', () => {
  const repairs = withRepairs([], [scaled], at(0));
  expect(isRepairDue(scaled, repairs, at(1))).toBe(false);
  expect(isRepairDue({ ...scaled, fields: ['spec.paused'] }, repairs, at(1))).toBe(true);
  expect(isRepairDue(missing, repairs, at(1))).toBe(true);
});

test('an object that only an operator can repair is never due', () => {
  expect(isRepairDue({ ...scaled, needsPerson: 'it is terminating' }, [], at(0))).toBe(false);
});

test('a repair that has lasted for a day is forgotten, unless the object differs', () => {
  const repairs = withRepairs([], [scaled], at(0));
  expect(activeRepairs(repairs, [], at(1_439))).toEqual(repairs);
  expect(activeRepairs(repairs, [], at(1_440))).toEqual([]);
  expect(activeRepairs(repairs, [scaled], at(1_440))).toEqual(repairs);
});
