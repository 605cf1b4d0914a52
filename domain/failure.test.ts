import { expect, test } from '@jest/globals';
import { FAILURE_CODES, failureKind, isFailureCode, StoreError } from './failure.ts';

test('every code says what it means and whether trying again can help', () => {
  for (const code of FAILURE_CODES) {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(failureKind(code).title).toMatch(/^[A-Z].*[^.]$/);
  }
});

test('only codes of the list are codes', () => {
  expect(isFailureCode('IMAGE_PULL_FAILED')).toBe(true);
  expect(isFailureCode('toString')).toBe(false);
  expect(isFailureCode(undefined)).toBe(false);
});

test('a store error keeps its cause and evidence apart from its public message', () => {
  const cause = new Error('connect ECONNREFUSED');
  const error = new StoreError('CLUSTER_UNAVAILABLE', 'the cluster is away', { cause, evidence: { object: 'Pod/a' } });
  expect(error).toMatchObject({ code: 'CLUSTER_UNAVAILABLE', publicMessage: 'the cluster is away', cause });
  expect(error.evidence).toEqual({ object: 'Pod/a' });
});
