import { describe, expect, test } from '@jest/globals';
import { changedFields, isWithin } from './drift-diff.ts';

describe('what was asked for is within what is there', () => {
  test.each<[string, unknown, unknown, boolean]>([
    ['the same', { spec: { replicas: 1 } }, { spec: { replicas: 1 } }, true],
    ['more than asked for', { spec: { replicas: 1 } }, { spec: { replicas: 1, paused: false }, status: {} }, true],
    ['another value', { spec: { replicas: 1 } }, { spec: { replicas: 3 } }, false],
    ['a field that is gone', { spec: { replicas: 1 } }, { spec: {} }, false],
    ['an empty object', { spec: { emptyDir: {} } }, { spec: { emptyDir: {} } }, true],
    ['an empty object that is gone', { spec: { emptyDir: {} } }, { spec: {} }, false],
    ['nothing asked for', { spec: { nodeName: null } }, { spec: {} }, true],
    ['parts of a list with defaults', { ports: [{ port: 80 }] }, { ports: [{ port: 80, protocol: 'TCP' }] }, true],
    ['a longer list', { ports: [{ port: 80 }] }, { ports: [{ port: 80 }, { port: 81 }] }, false],
    ['another order', { args: ['a', 'b'] }, { args: ['b', 'a'] }, false],
    ['another spelling', { cpu: '1000m' }, { cpu: '1' }, false],
  ])('%s: %j in %j is %s', (_, wanted, live, within) => {
    expect(isWithin(wanted, live)).toBe(within);
  });
});

describe('changed fields', () => {
  test.each<[string, unknown, unknown, readonly string[]]>([
    ['none', { spec: { a: 1 } }, { spec: { a: 1 } }, []],
    ['a value', { spec: { a: 1, b: 2 } }, { spec: { a: 1, b: 3 } }, ['spec.b']],
    ['one that comes or goes', { spec: { a: 1 } }, { spec: { b: 1 } }, ['spec.a', 'spec.b']],
    ['one in a list', { c: [{ image: 'x' }] }, { c: [{ image: 'y' }] }, ['c[0].image']],
    ['a list as a whole, when its length differs', { c: [1] }, { c: [1, 2] }, ['c']],
    [
      'not what the cluster keeps',
      { metadata: { name: 'a', resourceVersion: '1', generation: 1 }, status: { a: 1 } },
      { metadata: { name: 'a', resourceVersion: '2', generation: 2, managedFields: [] }, status: { a: 2 } },
      [],
    ],
  ])('%s', (_, before, after, fields) => {
    expect(changedFields(before, after)).toEqual(fields);
  });

  test('are at most ten', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`field${index}`, index]));
    expect(changedFields({}, many)).toHaveLength(10);
  });

  test('a date and its text are the same', () => {
    const at = new Date(0);
    expect(changedFields({ at }, { at: at.toISOString() })).toEqual([]);
  });
});
