import { expect, test } from '@jest/globals';
import { choiceOf, policyOf, type VolumePolicy } from './volumes.ts';

test.each<[VolumePolicy]>([['delete'], ['keep'], [{ keepForDays: 30 }]])(
  'the policy %j survives the form',
  (policy) => {
    expect(policyOf(choiceOf(policy))).toEqual(policy);
  },
);

test.each(['', '0', '3651', '1.5', '-1', 'ten'])('%j is no number of days', (days) => {
  expect(policyOf({ kind: 'days', days })).toBeUndefined();
});
