import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { RunResult } from './repeat.ts';

/** The part of the JSON results of Jest that this program reads. */
const JestResults = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Jest writes these words when a test left a timer, a socket or a process behind. They do not change its exit code. */
const LEAK = /failed to exit gracefully|did not exit one second after/;

/**
 * Reads the results of one run.
 *
 * @param run.resultsFile The file that Jest wrote with `--json`. It does not exist when Jest ended early.
 * @param run.output Everything that Jest printed.
 */
export function readRun(run: {
  readonly resultsFile: string;
  readonly output: string;
  readonly exitCode: number | undefined;
  readonly seconds: number;
}): RunResult {
  const { exitCode, seconds } = run;
  const results = parse(run.resultsFile);
  if (results === undefined) {
    const problem = `Jest ended with code ${exitCode ?? 'of a signal'} and without results`;
    return { passed: 0, failed: 0, skipped: 0, failures: [], problem, seconds };
  }
  // A file that could not be run counts as one failure: Jest reports no tests for it.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  const problem = problemOf({ ...run, failed });
  return { passed: results.numPassedTests, failed, skipped, failures: failuresIn(results), problem, seconds };
}

function problemOf(run: {
  readonly output: string;
  readonly exitCode: number | undefined;
  readonly failed: number;
}): string | undefined {
  const leak = LEAK.exec(run.output)?.[0];
  if (leak !== undefined) return `Jest reported a leak: ${leak}`;
  return run.failed === 0 && run.exitCode !== 0 ? `Jest ended with code ${run.exitCode ?? 'of a signal'}` : undefined;
}

function failuresIn({ testResults }: z.output<typeof JestResults>): readonly string[] {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, assertionResults }) => {
      const tests = assertionResults.filter(({ status }) => status === 'failed');
      return tests.length === 0 ? [name] : tests.map(({ fullName }) => `${fullName} (${name})`);
    });
}

function parse(file: string): z.output<typeof JestResults> | undefined {
  try {
    return JestResults.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
