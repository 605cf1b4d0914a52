import { expect, test } from '@jest/globals';
import { makeReport, ontoEarlier, percentilesOf, type Report } from './report.ts';
import type { RunReport } from '../runs/run.ts';

function run(kind: string, seed: number, found: Partial<RunReport> = {}): RunReport {
  return {
    kind,
    seed,
    provisions: 28,
    calls: 100,
    unavailable: 0,
    lost: 0,
    violations: [],
    recoverySeconds: [],
    tookSeconds: 60,
    isSpoilt: false,
    ...found,
  };
}

function reportOf(...runs: readonly RunReport[]): Report {
  const kinds = ['temporal-away', 'kill-helm', 'full-disk'].map((kind) => ({ kind, title: kind }));
  return makeReport({ kinds, runs, isShort: false, seed: 1, startedAtMs: Date.now() });
}

const VIOLATION = { invariant: 'I9', what: 'the environment could not judge the run' } as const;

test('what is run again takes the place of what was found before, and is marked', () => {
  const earlier = reportOf(run('temporal-away', 3, { violations: [VIOLATION], provisions: 0 }), run('kill-helm', 4));
  const report = ontoEarlier(earlier, reportOf(run('temporal-away', 3), run('full-disk', 9)));
  expect(report.rows.map(({ kind, provisions, note }) => [kind, provisions, note])).toEqual([
    ['temporal-away', 28, 'run again'],
    ['kill-helm', 28, null],
    ['full-disk', 28, null],
  ]);
  expect(report.totals).toEqual({ runs: 3, kinds: 3, provisions: 84, violations: 0 });
  expect(report.violations).toEqual([]);
});

test('what the earlier report found stays where nothing is run again', () => {
  const earlier = reportOf(run('temporal-away', 3, { violations: [VIOLATION] }));
  const report = ontoEarlier(earlier, reportOf(run('kill-helm', 4)));
  expect(report.violations).toEqual([{ kind: 'temporal-away', seed: 3, ...VIOLATION }]);
  expect(report.totals).toMatchObject({ violations: 1 });
});

test('numbers of two machines are not mixed', () => {
  const report = reportOf(run('kill-helm', 4));
  expect(() => ontoEarlier({ ...report, machine: '64 × something' }, report)).toThrow('64 × something');
});

test('percentiles are measured values', () => {
  expect(percentilesOf([])).toBeNull();
  expect(percentilesOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, max: 3 });
});
