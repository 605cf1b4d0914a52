import { expect, test } from '@jest/globals';
import { PROFILES } from '../../workflows/activity-profiles.ts';
import type { RunProgress } from '../../domain/ports/run-progress.ts';
import { ACTIVITY_LIMIT_MS, closingBecause, stalledBecause } from './stalled-run.ts';

const NOW = new Date('2026-01-02T12:00:00Z');

function progress(idleMinutes: number, seed: Partial<RunProgress> = {}): RunProgress {
  const lastEventAt = new Date(NOW.getTime() - idleMinutes * 60_000);
  return { lastEventAt, waitsFor: 'other', workflowTaskAttempts: 0, missingVersion: null, ...seed };
}

const task = { waitsFor: 'workflowTask', workflowTaskAttempts: 1 } as const;
const activity = { waitsFor: 'activity' } as const;

test.each<[string, RunProgress, boolean, string | undefined]>([
  ['a run that waits for nothing', progress(41), false, 'RunNotProgressing'],
  ['a run that may still wait for a tenant slot', progress(39), false, undefined],
  ['a held run, whose record says that it waits', progress(100_000), true, undefined],
  ['a workflow task that no worker takes', progress(11, task), false, 'WorkflowTaskNotTaken'],
  ['a workflow task while the workers restart', progress(9, task), false, undefined],
  ['a workflow task of a held run that no worker takes', progress(11, task), true, 'WorkflowTaskNotTaken'],
  ['a workflow task that fails', progress(11, { ...task, workflowTaskAttempts: 5 }), false, 'WorkflowTaskFails'],
  ['an activity within its timeout', progress(129, activity), false, undefined],
  ['an activity past every timeout', progress(131, activity), false, 'ActivityNotProgressing'],
  ['a held run of a version without workers', progress(0, { missingVersion: 'a:1' }), true, 'WorkerVersionMissing'],
])('%s', (_, seen, isWaiting, reason) => {
  expect(stalledBecause(seen, { now: NOW, isWaiting })?.reason).toBe(reason);
});

test('the limit for an activity is above every timeout of an attempt', () => {
  const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
  const timeouts = Object.values(PROFILES).map(({ startToCloseTimeout }) => {
    const [, value, unit] = /^([0-9]+)([smh])$/.exec(startToCloseTimeout) ?? [];
    return Number(value) * units[unit as keyof typeof units];
  });
  expect(Math.max(...timeouts)).toBeLessThan(ACTIVITY_LIMIT_MS);
});

test('only a run that has closed five times is reported', () => {
  expect([1, 4, 5, 6].map((restarts) => closingBecause(restarts)?.reason)).toEqual([
    undefined,
    undefined,
    'RunKeepsClosing',
    'RunKeepsClosing',
  ]);
});
