import { expect, test } from '@jest/globals';
import { FAILURE_CODES, failureKind, isFailureCode, StoreError } from './failure.ts';

test('every code is upper case and has a title without a full stop', () => {
  for (const code of FAILURE_CODES) {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(failureKind(code).title).toMatch(/^[A-Z].*[^.]$/);
  }
});

test('isFailureCode accepts only codes of the list', () => {
  expect(isFailureCode('IMAGE_PULL_FAILED')).toBe(true);
  expect(isFailureCode('toString')).toBe(false);
  expect(isFailureCode(undefined)).toBe(false);
});

test('a StoreError keeps its public message, cause and evidence in separate fields', () => {
  const cause = new Error('connect ECONNREFUSED');
  const error = new StoreError('CLUSTER_UNAVAILABLE', 'the cluster is unavailable', {
    cause,
    evidence: { object: 'Pod/a' },
  });
  expect(error).toMatchObject({ code: 'CLUSTER_UNAVAILABLE', publicMessage: 'the cluster is unavailable', cause });
  expect(error.evidence).toEqual({ object: 'Pod/a' });
});
