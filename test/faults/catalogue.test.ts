import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, selectKinds, SHORT_FORM } from './catalogue.ts';

test('every fault of the short form is in the catalogue', () => {
  const kinds = new Set(CATALOGUE.map(({ kind }) => kind));
  expect([...SHORT_FORM].filter((kind) => !kinds.has(kind))).toEqual([]);
});

test('the catalogue has at least 25 faults, and each has a unique name', () => {
  expect(new Set(CATALOGUE.map(({ kind }) => kind)).size).toBe(CATALOGUE.length);
  expect(CATALOGUE.length).toBeGreaterThanOrEqual(25);
});

describe('the faults of the Temporal cluster', () => {
  const all = { only: [], isShort: false };

  test('are left out with the development server, and refused when they are named', () => {
    const { kinds, leftOut } = selectKinds({ ...all, temporal: 'dev' });
    expect(leftOut).toEqual(['temporal-node-killed', 'temporal-node-and-postgres']);
    expect(kinds).toHaveLength(CATALOGUE.length - 2);
    expect(() => selectKinds({ ...all, only: ['temporal-node-killed'], temporal: 'dev' })).toThrow(
      'temporal-node-killed needs --temporal cluster',
    );
  });

  test('run with all other faults on the cluster', () => {
    expect(selectKinds({ ...all, temporal: 'cluster' })).toEqual({ kinds: CATALOGUE, leftOut: [] });
  });
});
