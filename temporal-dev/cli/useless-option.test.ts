import { expect, test } from '@jest/globals';
import { uselessOption } from './useless-option.ts';

const OPTIONS = { https: false, inPods: false, command: 'stack', isSimulated: false };

test.each([
  [{ https: true, isSimulated: true }, /--https has no effect: add "--cluster node"/],
  [{ inPods: true, isSimulated: true }, /^Simulated nodes run no pods: add "--cluster node"/],
  [{ inPods: true, https: true }, /remove --https or --in-pods/],
  [{ inPods: true, command: 'start' }, /use "npm run stack"/],
])('the options %o are refused with a correction', (options, problem) => {
  expect(uselessOption({ ...OPTIONS, ...options })).toMatch(problem);
});

test.each([{}, { isSimulated: true, command: 'start' }, { https: true }, { inPods: true }])(
  'the options %o are allowed',
  (options) => {
    expect(uselessOption({ ...OPTIONS, ...options })).toBeUndefined();
  },
);
