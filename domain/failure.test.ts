import { expect, test } from '@jest/globals';
import { FAILURE_CODES, failureKind, isFailureCode, StoreError } from './failure.ts';

test('has an upper-case code and a title without a full stop for each failure', () => {
  for (const code of FAILURE_CODES) {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(failureKind(code).title).toMatch(/^[A-Z].*[^.]$/);
  }
});

test('accepts only codes of the list as failure codes', () => {
  expect(isFailureCode('IMAGE_PULL_FAILED')).toBe(true);
  expect(isFailureCode('toString')).toBe(false);
  expect(isFailureCode(undefined)).toBe(false);
});

test('keeps public message, cause and evidence of a StoreError in separate fields', () => {
  const cause = new Error('connect ECONNREFUSED');
  const error = new StoreError('CLUSTER_UNAVAILABLE', 'the cluster is unavailable', {
    cause,
    evidence: { object: 'Pod/a' },
  });
  expect(error).toMatchObject({ code: 'CLUSTER_UNAVAILABLE', publicMessage: 'the cluster is unavailable', cause });
  expect(error.evidence).toEqual({ object: 'Pod/a' });
});
