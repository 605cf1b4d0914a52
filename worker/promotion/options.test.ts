import { describe, expect, test } from '@jest/globals';
import { readPromotionOptions, UsageError } from './options.ts';

const CONFIGURED = { version: { name: 'stores', buildId: '2' }, cluster: 'eu' };
const NO_VERSION = { version: undefined, cluster: 'eu' };

describe('the options of a promotion', () => {
  test('default to the version in the settings', () => {
    expect(readPromotionOptions([], CONFIGURED)).toEqual({
      deploymentName: 'stores',
      buildId: '2',
      clusters: ['eu'],
      timeoutSeconds: 240,
    });
  });

  test('replace the version in the settings', () => {
    const args = ['--deployment', 'shops', '--build-id', '1', '--cluster', 'us', '--cluster', 'eu', '--timeout', '0'];
    const expected = { deploymentName: 'shops', buildId: '1', clusters: ['us', 'eu'], timeoutSeconds: 0 };
    expect(readPromotionOptions(args, CONFIGURED)).toEqual(expected);
    expect(readPromotionOptions(args, NO_VERSION)).toEqual(expected);
  });

  test('name the workers without a version, also against the settings', () => {
    expect(readPromotionOptions(['--unversioned'], CONFIGURED)).toMatchObject({ buildId: undefined });
  });

  test('ask for the usage text', () => {
    expect(readPromotionOptions(['--help'], NO_VERSION)).toBeUndefined();
  });

  test.each([
    [[], NO_VERSION, 'set --deployment, or WORKER_DEPLOYMENT'],
    [['--deployment', 'shops'], NO_VERSION, 'set --build-id, WORKER_BUILD_ID or --unversioned'],
    [['--build-id', ''], CONFIGURED, 'set --build-id'],
    [['--unversioned', '--build-id', '1'], CONFIGURED, 'exclude each other'],
    [['--timeout', '1m'], CONFIGURED, '--timeout must be a whole number from 0 to 86400; got 1m'],
    [['--timeout', '99999'], CONFIGURED, '--timeout must be'],
    [['--colour'], CONFIGURED, '--colour'],
    [['2'], CONFIGURED, "'2'"],
  ])('%j are refused in one sentence', (args, configured, sentence) => {
    expect(() => readPromotionOptions(args, configured)).toThrow(UsageError);
    expect(() => readPromotionOptions(args, configured)).toThrow(sentence);
  });
});
