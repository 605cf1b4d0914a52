import { describe, expect, test } from '@jest/globals';
import { StoreError } from '../../../domain/failure.ts';
import { verdictOn } from './attempts.ts';

const refused = new StoreError('CHART_INVALID', 'no');
const unavailable = new StoreError('CLUSTER_UNAVAILABLE', 'away');
const first = { isCancelled: false, isLastAttempt: false, step: 'verify' } as const;

describe('a step that threw', () => {
  test.each([
    ['may pass', unavailable, first, 'retry'],
    ['is unexpected', new Error('what'), first, 'retry'],
    ['is for good', refused, first, 'undo'],
    ['may pass, but not in time', unavailable, { ...first, isLastAttempt: true }, 'undo'],
    ['is a cancel', unavailable, { ...first, isCancelled: true }, 'undo'],
  ] as const)('%s', (_what, error, situation, kind) => {
    expect(verdictOn(error, situation).kind).toBe(kind);
  });

  test('says why it is undone, unless it was cancelled', () => {
    expect(verdictOn(refused, first)).toMatchObject({ failure: { code: 'CHART_INVALID', step: 'verify' } });
    expect(verdictOn(refused, { ...first, isCancelled: true })).toMatchObject({ failure: null });
  });
});
