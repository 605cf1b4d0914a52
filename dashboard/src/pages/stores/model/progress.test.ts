import { expect, test } from '@jest/globals';
import type { OperationDetail } from '@store-platform/client';
import { progressOf } from './progress.ts';
import { atSecond } from './testing/events.ts';
import type { StepState, TimelineStep } from './timeline.ts';

const usual = { p50Seconds: 10, p90Seconds: 20, basedOn: 5 };
const EXPECTED: OperationDetail['expected'] = {
  ...usual,
  steps: [
    { step: 'prepare-namespace', ...usual },
    { step: 'verify', ...usual },
  ],
};

function step(name: TimelineStep['step'], state: StepState): TimelineStep {
  const attempt = { startedAt: atSecond(0), endedAt: null, outcome: 'running', reason: null, code: null } as const;
  return { step: name, state, attempts: state === 'waiting' ? [] : [attempt] };
}

test.each([
  ['nothing has begun', 'waiting', 'waiting', 5, { fraction: 0, remainingSeconds: 20, isSlow: false }],
  ['the first step runs', 'running', 'waiting', 5, { fraction: 0.25, remainingSeconds: 15, isSlow: false }],
  ['the first step has ended', 'done', 'waiting', 5, { fraction: 0.5, remainingSeconds: 10, isSlow: false }],
  ['the last step is late', 'done', 'running', 15, { fraction: 0.98, remainingSeconds: 0, isSlow: false }],
  ['the last step is slow', 'done', 'running', 25, { fraction: 0.98, remainingSeconds: 0, isSlow: true }],
] as const)('%s', (_, first, last, second, progress) => {
  const steps = [step('prepare-namespace', first), step('verify', last)];
  expect(progressOf(steps, { expected: EXPECTED, now: new Date(atSecond(second)) })).toEqual(progress);
});

test('is unknown without past operations', () => {
  expect(progressOf([step('verify', 'running')], { expected: null, now: new Date() })).toBeNull();
});
