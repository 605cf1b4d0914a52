import { describe, expect, test } from '@jest/globals';
import { readOptions } from './options.ts';

describe('the command line', () => {
  const read = (...args: readonly string[]) => readOptions(args, () => 99);

  test('selects the long form with a new seed when it is empty', () => {
    expect(read()).toMatchObject({
      seed: 99,
      isShort: false,
      temporal: 'dev',
      until: { kind: 'provisions', provisions: 1_500 },
    });
  });

  test('selects each fault once with seed 1 when it is --short', () => {
    expect(read('--short')).toMatchObject({ seed: 1, isShort: true, until: { kind: 'round' } });
  });

  test('selects the Temporal server', () => {
    expect(read('--temporal', 'cluster')).toMatchObject({ temporal: 'cluster' });
    expect(() => read('--temporal', 'cloud')).toThrow(/--temporal must be dev or cluster; got cloud/);
  });

  test('is rejected with the usage text when an option is unknown or is not a whole number', () => {
    expect(() => read('--runs', '0')).toThrow(/--runs must be a whole number/);
    expect(() => read('--what')).toThrow(/npm run faults/);
  });
});
