import { expect, test } from '@jest/globals';
import { makeReport, mergeReports, percentilesOf, type Report } from './report.ts';
import type { RunReport } from '../runs/run.ts';

function run(kind: string, seed: number, overrides: Partial<RunReport> = {}): RunReport {
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
    isEnvironmentUnusable: false,
    ...overrides,
  };
}

function reportOf(...runs: readonly RunReport[]): Report {
  const kinds = ['temporal-outage', 'kill-helm', 'full-disk'].map((kind) => ({ kind, title: kind }));
  return makeReport({ kinds, runs, isShort: false, temporal: 'dev', seed: 1, startedAtMs: Date.now() });
}

const VIOLATION = { invariant: 'I9', message: 'the run could not be completed' } as const;

test('a repeated run replaces the row of the earlier report and is marked', () => {
  const earlier = reportOf(run('temporal-outage', 3, { violations: [VIOLATION], provisions: 0 }), run('kill-helm', 4));
  const report = mergeReports(earlier, reportOf(run('temporal-outage', 3), run('full-disk', 9)));
  expect(report.rows.map(({ kind, provisions, note }) => [kind, provisions, note])).toEqual([
    ['temporal-outage', 28, 'repeated'],
    ['kill-helm', 28, null],
    ['full-disk', 28, null],
  ]);
  expect(report.totals).toEqual({ runs: 3, kinds: 3, provisions: 84, violations: 0 });
  expect(report.violations).toEqual([]);
});

test('violations of the earlier report are kept for faults that are not repeated', () => {
  const earlier = reportOf(run('temporal-outage', 3, { violations: [VIOLATION] }));
  const report = mergeReports(earlier, reportOf(run('kill-helm', 4)));
  expect(report.violations).toEqual([{ kind: 'temporal-outage', seed: 3, ...VIOLATION }]);
  expect(report.totals).toMatchObject({ violations: 1 });
});

test('reports of two machines are not merged', () => {
  const report = reportOf(run('kill-helm', 4));
  expect(() => mergeReports({ ...report, machine: '64 × something' }, report)).toThrow('64 × something');
});

test('a report of the Temporal cluster is not merged into one of the development server', () => {
  const report = reportOf(run('kill-helm', 4));
  const ofCluster = makeReport({
    kinds: [],
    runs: [],
    isShort: false,
    temporal: 'cluster',
    seed: 1,
    startedAtMs: Date.now(),
  });
  expect(() => mergeReports(report, ofCluster)).toThrow('Temporal as a cluster of two nodes');
});

test('percentiles are measured values', () => {
  expect(percentilesOf([])).toBeNull();
  expect(percentilesOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, max: 3 });
});
