import { describe, expect, test } from '@jest/globals';
import { changedFields, isWithin } from './drift-diff.ts';

describe('isWithin', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['the same', { spec: { replicas: 1 } }, { spec: { replicas: 1 } }, true],
    ['additional fields', { spec: { replicas: 1 } }, { spec: { replicas: 1, paused: false }, status: {} }, true],
    ['another value', { spec: { replicas: 1 } }, { spec: { replicas: 3 } }, false],
    ['a missing field', { spec: { replicas: 1 } }, { spec: {} }, false],
    ['an empty object', { spec: { emptyDir: {} } }, { spec: { emptyDir: {} } }, true],
    ['a missing empty object', { spec: { emptyDir: {} } }, { spec: {} }, false],
    ['a wanted null', { spec: { nodeName: null } }, { spec: {} }, true],
    ['list items with defaults', { ports: [{ port: 80 }] }, { ports: [{ port: 80, protocol: 'TCP' }] }, true],
    ['a longer list', { ports: [{ port: 80 }] }, { ports: [{ port: 80 }, { port: 81 }] }, false],
    ['another order', { args: ['a', 'b'] }, { args: ['b', 'a'] }, false],
    ['a normalised value', { cpu: '1000m' }, { cpu: '1' }, false],
  ])('%s: %j in %j is %s', (_, wanted, live, within) => {
    expect(isWithin(wanted, live)).toBe(within);
  });
});

describe('changedFields', () => {
  test.each<[string, unknown, unknown, readonly string[]]>([
    ['none', { spec: { a: 1 } }, { spec: { a: 1 } }, []],
    ['a value', { spec: { a: 1, b: 2 } }, { spec: { a: 1, b: 3 } }, ['spec.b']],
    ['an added and a removed field', { spec: { a: 1 } }, { spec: { b: 1 } }, ['spec.a', 'spec.b']],
    ['a field in a list', { c: [{ image: 'x' }] }, { c: [{ image: 'y' }] }, ['c[0].image']],
    ['a list as a whole when its length differs', { c: [1] }, { c: [1, 2] }, ['c']],
    [
      'no fields that the cluster maintains',
      { metadata: { name: 'a', resourceVersion: '1', generation: 1 }, status: { a: 1 } },
      { metadata: { name: 'a', resourceVersion: '2', generation: 2, managedFields: [] }, status: { a: 2 } },
      [],
    ],
  ])('%s', (_, before, after, fields) => {
    expect(changedFields(before, after)).toEqual(fields);
  });

  test('returns at most ten fields', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`field${index}`, index]));
    expect(changedFields({}, many)).toHaveLength(10);
  });

  test('treats a date and its text as equal', () => {
    const at = new Date(0);
    expect(changedFields({ at }, { at: at.toISOString() })).toEqual([]);
  });
});
