import { randomInt } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeMarkedSection } from '../harness/marked-section.ts';
import { violation } from './checks/violation.ts';
import { CATALOGUE, selectKinds } from './catalogue.ts';
import type { FaultKind } from './fault-kind.ts';
import { startFaultEnvironment, type FaultEnvironment } from './environment/environment.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { planRuns, type PlannedRun } from './runs/plan.ts';
import { formatSummary, formatTable, makeReport, mergeReports, type Report } from './report/report.ts';
import { runFault } from './runs/run-fault.ts';
import type { RunReport } from './runs/run.ts';
import { runSweep, SWEEP, SWEEP_WORKERS } from './sweep/sweep.ts';

/** `npm run faults`: injects faults into the running platform and reports violations of its guarantees. */

const DOCS = fileURLToPath(new URL('../../docs/faults.md', import.meta.url));
const WORKERS = 2;
const MAX_SEED = 2 ** 31 - 1;

const abort = new AbortController();
// Not `once`: a second signal must not end this process before it has stopped the environment.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
process.once('disconnect', () => abort.abort());

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${message}\n`);
}

const aborted = new Promise<never>((_resolve, reject) => {
  abort.signal.addEventListener('abort', () => reject(new Error('stopped on request')), { once: true });
});
// Prevents an unhandled rejection while no work awaits it.
aborted.catch(() => undefined);

/** Resolves with the result of the work. Rejects at once when the process is asked to stop; it does not wait for the work. */
function unlessAborted<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, aborted]);
}

/** Returns whether the options select the crash sweep. */
function isSweepSelected({ only }: Options): boolean {
  return only.length === 0 || only.includes(SWEEP.kind);
}

async function runAll(options: Options, kinds: readonly FaultKind[]): Promise<RunReport[]> {
  const runs: RunReport[] = [];
  let environment: FaultEnvironment | undefined;
  try {
    if (isSweepSelected(options)) {
      environment = await open(SWEEP_WORKERS, options);
      runs.push(finishRun(environment, await unlessAborted(runSweep(environment, options)), options));
      // The short form reuses the environment, because a new one takes as long as a fault. The long form needs two workers.
      if (!options.isShort || runs.some(({ isEnvironmentUnusable }) => isEnvironmentUnusable)) {
        await environment.stop();
        environment = undefined;
      }
    }
    runs.push(...(await runPlan(kinds, options, environment)));
  } finally {
    await environment?.stop();
  }
  return runs;
}

async function runPlan(
  kinds: readonly FaultKind[],
  options: Options,
  shared: FaultEnvironment | undefined,
): Promise<readonly RunReport[]> {
  const runs: RunReport[] = [];
  if (kinds.length === 0) return runs;
  const startedAtMs = Date.now();
  let environment = shared;
  try {
    for (const planned of planRuns(kinds, options.seed)) {
      if (abort.signal.aborted || isDone(options, runs, kinds.length, startedAtMs)) break;
      environment ??= await open(WORKERS, options);
      log(`${planned.kind.kind}, seed ${planned.seed}: ${planned.kind.title}`);
      const report = await unlessAborted(runFault(environment, planned, options.isShort)).catch((error: unknown) =>
        failedRun(planned, error),
      );
      runs.push(finishRun(environment, report, options));
      if (report.isEnvironmentUnusable) {
        log('the stores of the run could not be deleted; starting a new environment');
        await environment.stop();
        environment = undefined;
      }
    }
  } finally {
    await environment?.stop();
  }
  return runs;
}

/** Returns the report of a run that ended with an error. It counts as a violation, so that it can't pass as a success. */
function failedRun({ kind, seed }: PlannedRun, error: unknown): RunReport {
  if (abort.signal.aborted) throw error;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const noResults = { provisions: 0, calls: 0, unavailable: 0, lost: 0, recoverySeconds: [], tookSeconds: 0 };
  return {
    kind: kind.kind,
    seed,
    ...noResults,
    violations: [violation('I9', `the run could not be completed: ${why}`)],
    isEnvironmentUnusable: true,
  };
}

function isDone({ until }: Options, runs: readonly RunReport[], kinds: number, startedAtMs: number): boolean {
  if (until.kind === 'runs') return runs.length >= until.runs;
  if (until.kind === 'round') return runs.length >= kinds;
  if (until.kind === 'minutes') return Date.now() - startedAtMs >= until.minutes * 60_000;
  return runs.length >= kinds && runs.reduce((sum, { provisions }) => sum + provisions, 0) >= until.provisions;
}

function open(workers: number, { temporal }: Options): Promise<FaultEnvironment> {
  return startFaultEnvironment({ workers, temporal, report: log, signal: abort.signal });
}

/** Logs the result of a run and keeps its logs if the options say so. */
function finishRun(environment: FaultEnvironment, report: RunReport, options: Options): RunReport {
  logResult(report);
  keepLogs(environment, report, options);
  return report;
}

function logResult(report: RunReport): void {
  const { provisions, violations, tookSeconds, skipped } = report;
  log(
    skipped === undefined
      ? `  ${provisions} stores, ${violations.length} violations, ${tookSeconds.toFixed(0)} s`
      : `  skipped: ${skipped}`,
  );
  for (const { invariant, message } of violations) log(`  ${invariant}: ${message}`);
}

function keepLogs(environment: FaultEnvironment, report: RunReport, options: Options): void {
  if (options.keepsLogs && report.violations.length > 0) {
    cpSync(environment.logs, `faults-logs/${report.kind}-${report.seed}`, { recursive: true });
  }
}

/** Reads a report that `--json` has written. @throws Error when the file is not a report. */
function readReport(file: string): Report {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>;
  if (!Array.isArray(read.rows) || !Array.isArray(read.violations)) {
    throw new Error(`${file} is not a report; --onto needs a file that --json has written`);
  }
  return read as Report; // this program has written the file
}

function describeKind({
  kind,
  title,
  needsTemporalCluster,
}: Pick<FaultKind, 'kind' | 'title' | 'needsTemporalCluster'>) {
  return `${kind.padEnd(32)} ${title}${needsTemporalCluster === true ? ' (needs --temporal cluster)' : ''}`;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), () => randomInt(1, MAX_SEED - 10_000));
  if (options.showsHelp) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const all = [SWEEP, ...CATALOGUE];
  const unknown = options.only.filter((only) => !all.some(({ kind }) => kind === only));
  if (options.lists || unknown.length > 0) {
    process.stdout.write(`${all.map(describeKind).join('\n')}\n`);
    if (unknown.length > 0) throw new Error(`unknown fault ${unknown.join(', ')}; the list above has all faults`);
    return;
  }
  // Read the file before the runs, so that an unreadable file is reported at once.
  const earlier = options.ontoFile === undefined ? undefined : readReport(options.ontoFile);
  const { kinds, leftOut } = selectKinds(options);
  if (leftOut.length > 0) log(`left out, because they need --temporal cluster: ${leftOut.join(', ')}`);
  log(`seed ${options.seed}`);
  const startedAtMs = Date.now();
  const runs = await runAll(options, kinds);
  const current = makeReport({
    kinds: all,
    runs,
    isShort: options.isShort,
    temporal: options.temporal,
    seed: options.seed,
    startedAtMs,
  });
  const report = earlier === undefined ? current : mergeReports(earlier, current);
  process.stdout.write(`${formatTable(report)}\n\n${formatSummary(report)}\n`);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (options.writesDocs)
    await writeMarkedSection(DOCS, 'faults', `${formatSummary(report)}\n\n${formatTable(report)}`);
  if (report.totals.violations > 0 || abort.signal.aborted) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Exit explicitly: an aborted run may still poll services that have been stopped.
process.exit(process.exitCode);
