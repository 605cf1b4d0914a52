/** The result of one run of the tests. */
export interface RunResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full names of the failed tests, and paths of the files that could not be run. */
  readonly failures: readonly string[];
  /** A problem of the run itself, such as an exit code without a failed test. */
  readonly problem: string | undefined;
  readonly seconds: number;
}

/**
 * Runs the tests `times` times, one run after the other, also after a run that failed. Prints one line per run, the failures below
 * it, and a summary.
 *
 * @param run Runs all tests once. The first run has number 1.
 * @returns true when every run passed.
 */
export async function repeatRuns(
  times: number,
  { run, print }: { readonly run: (number: number) => Promise<RunResult>; readonly print: (line: string) => void },
): Promise<boolean> {
  const results: RunResult[] = [];
  for (let number = 1; number <= times; number += 1) {
    const result = await run(number);
    results.push(result);
    print(`run ${number} of ${times}: ${countsOf(result)} (${Math.round(result.seconds)} s)`);
    for (const failure of result.failures) print(`  failed: ${failure}`);
    if (result.problem !== undefined) print(`  ${result.problem}`);
  }
  const good = results.filter(hasPassed);
  const all = sumOf(results);
  print(`${times} runs: ${good.length} without a failure, ${times - good.length} with one; ${countsOf(all)} in total`);
  return good.length === times;
}

/** A run without a passed test has run nothing. */
function hasPassed({ passed, failed, problem }: RunResult): boolean {
  return passed > 0 && failed === 0 && problem === undefined;
}

type Counts = Pick<RunResult, 'passed' | 'failed' | 'skipped'>;

function countsOf({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function sumOf(results: readonly Counts[]): Counts {
  const sum = (name: keyof Counts) => results.reduce((total, result) => total + result[name], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}
