import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readRun } from './jest-run.ts';
import { repeatRuns, type RunResult } from './repeat.ts';

const GOOD: RunResult = { passed: 3, failed: 0, skipped: 0, failures: [], problem: undefined, seconds: 1.2 };

async function repeated(...results: readonly RunResult[]) {
  const lines: string[] = [];
  const run = async (number: number) => results[number - 1] ?? GOOD;
  const passed = await repeatRuns(results.length, { run, print: (line) => void lines.push(line) });
  return { passed, lines };
}

describe('repeated runs', () => {
  test('pass when every run passes', async () => {
    expect(await repeated(GOOD, { ...GOOD, skipped: 1 })).toEqual({
      passed: true,
      lines: [
        'run 1 of 2: 3 passed, 0 failed (1 s)',
        'run 2 of 2: 3 passed, 0 failed, 1 skipped (1 s)',
        '2 runs: 2 without a failure, 0 with one; 6 passed, 0 failed, 1 skipped in total',
      ],
    });
  });

  test('continue after a run that failed, name its failures, and fail', async () => {
    expect(await repeated({ ...GOOD, passed: 2, failed: 1, failures: ['a test (a.test.ts)'] }, GOOD)).toEqual({
      passed: false,
      lines: [
        'run 1 of 2: 2 passed, 1 failed (1 s)',
        '  failed: a test (a.test.ts)',
        'run 2 of 2: 3 passed, 0 failed (1 s)',
        '2 runs: 1 without a failure, 1 with one; 5 passed, 1 failed in total',
      ],
    });
  });

  test.each<[string, Partial<RunResult>]>([
    ['has a problem although no test failed', { problem: 'Jest ended with code 1' }],
    ['ran no test', { passed: 0 }],
  ])('fail when a run %s', async (_what, result) => {
    expect(await repeated({ ...GOOD, ...result })).toMatchObject({ passed: false });
  });
});

describe('the results of a run of Jest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'repeat-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const assertion = (fullName: string, status: string) => ({ fullName, status });
  function read({ results, output = '', exitCode = 0 }: { results?: object; output?: string; exitCode?: number }) {
    const resultsFile = join(folder, 'results.json');
    const counts = { numPassedTests: 2, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 };
    const all = { ...counts, numRuntimeErrorTestSuites: 0, testResults: [], ...results };
    rmSync(resultsFile, { force: true });
    if (results !== undefined) writeFileSync(resultsFile, JSON.stringify(all));
    return readRun({ resultsFile, output, exitCode, seconds: 1 });
  }

  test('are its counts', () => {
    expect(read({ results: {} })).toEqual({ ...GOOD, passed: 2, skipped: 1, seconds: 1 });
  });

  test('name failed tests, and files that could not be run', () => {
    const testResults = [
      {
        name: 'a.test.ts',
        status: 'failed',
        assertionResults: [assertion('works', 'failed'), assertion('is', 'passed')],
      },
      { name: 'b.test.ts', status: 'failed', assertionResults: [] },
    ];
    const results = { numFailedTests: 1, numRuntimeErrorTestSuites: 1, testResults };
    expect(read({ results, exitCode: 1 })).toMatchObject({
      failed: 2,
      failures: ['works (a.test.ts)', 'b.test.ts'],
      problem: undefined,
    });
  });

  test.each([
    ['a leak', { results: {}, output: 'A worker process has failed to exit gracefully and' }, /leak: failed to exit/],
    ['an exit code without a failure', { results: {}, exitCode: 1 }, /^Jest ended with code 1$/],
    ['missing results', { exitCode: 137 }, /^Jest ended with code 137 and without results$/],
  ])('report %s', (_what, run, problem) => {
    expect(read(run).problem).toMatch(problem);
  });
});
