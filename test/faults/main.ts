import { randomInt } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeMarkedSection } from '../harness/marked-section.ts';
import { violation } from './checks/violation.ts';
import { CATALOGUE, SHORT_FORM } from './catalogue.ts';
import type { FaultKind } from './fault-kind.ts';
import { startFaultEnvironment, type FaultEnvironment } from './environment/environment.ts';
import { readOptions, type Options } from './options.ts';
import { planRuns, type PlannedRun } from './runs/plan.ts';
import { formatSummary, formatTable, makeReport, ontoEarlier, type Report } from './report/report.ts';
import { runFault } from './runs/run-fault.ts';
import type { RunReport } from './runs/run.ts';
import { runSweep, SWEEP, SWEEP_WORKERS } from './sweep/sweep.ts';

/** `npm run faults`: breaks the platform in every way that we know of, and says what came of it. */

const DOCS = fileURLToPath(new URL('../../docs/faults.md', import.meta.url));
const WORKERS = 2;
const MAX_SEED = 2 ** 31 - 1;

const abort = new AbortController();
// Not `once`: a signal that is sent again must not end this process before it has stopped what it started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
process.once('disconnect', () => abort.abort());

function say(message: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${message}\n`);
}

const aborted = new Promise<never>((_resolve, reject) => {
  abort.signal.addEventListener('abort', () => reject(new Error('stopped on request')), { once: true });
});
// Nobody may be waiting for it at the moment.
aborted.catch(() => undefined);

/** The work, or an error as soon as somebody asks for the end: what was begun is not waited for. */
function unlessAborted<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, aborted]);
}

/** Whether the sweep is asked for: alone, or with everything else. */
function isSweepAsked({ only }: Options): boolean {
  return only.length === 0 || only.includes(SWEEP.kind);
}

/** What is named, or else all of it; in the short form, what it has time for. */
function kindsOf({ only, isShort }: Options): readonly FaultKind[] {
  if (only.length > 0) return CATALOGUE.filter(({ kind }) => only.includes(kind));
  return isShort ? CATALOGUE.filter(({ kind }) => SHORT_FORM.has(kind)) : CATALOGUE;
}

async function runAll(options: Options): Promise<RunReport[]> {
  const kinds = kindsOf(options);
  const runs: RunReport[] = [];
  let environment: FaultEnvironment | undefined;
  try {
    if (isSweepAsked(options)) {
      environment = await open(SWEEP_WORKERS);
      runs.push(judged(environment, await unlessAborted(runSweep(environment, options)), options));
      // Starting another environment takes as long as a fault of the short form; the long form's faults are made for two workers.
      if (!options.isShort || runs.some(({ isSpoilt }) => isSpoilt)) {
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
  const beganAtMs = Date.now();
  let environment = shared;
  try {
    for (const planned of planRuns(kinds, options.seed)) {
      if (abort.signal.aborted || isEnough(options, runs, kinds.length, beganAtMs)) break;
      environment ??= await open(WORKERS);
      say(`${planned.kind.kind}, seed ${planned.seed}: ${planned.kind.title}`);
      const report = await unlessAborted(runFault(environment, planned, options.isShort)).catch((error: unknown) =>
        broken(planned, error),
      );
      runs.push(judged(environment, report, options));
      if (report.isSpoilt) {
        say('the environment could not be emptied: a new one takes its place');
        await environment.stop();
        environment = undefined;
      }
    }
  } finally {
    await environment?.stop();
  }
  return runs;
}

/** The environment itself failed: that proves nothing, and must not pass for a success. */
function broken({ kind, seed }: PlannedRun, error: unknown): RunReport {
  if (abort.signal.aborted) throw error;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const nothing = { provisions: 0, calls: 0, unavailable: 0, lost: 0, recoverySeconds: [], tookSeconds: 0 };
  return {
    kind: kind.kind,
    seed,
    ...nothing,
    violations: [violation('I9', `the environment could not judge the run: ${why}`)],
    isSpoilt: true,
  };
}

function isEnough({ until }: Options, runs: readonly RunReport[], kinds: number, beganAtMs: number): boolean {
  if (until.kind === 'runs') return runs.length >= until.runs;
  if (until.kind === 'round') return runs.length >= kinds;
  if (until.kind === 'minutes') return Date.now() - beganAtMs >= until.minutes * 60_000;
  return runs.length >= kinds && runs.reduce((sum, { provisions }) => sum + provisions, 0) >= until.provisions;
}

function open(workers: number): Promise<FaultEnvironment> {
  return startFaultEnvironment({ workers, report: say, signal: abort.signal });
}

/** Tells what came of a run, and keeps what is needed to see why. */
function judged(environment: FaultEnvironment, report: RunReport, options: Options): RunReport {
  tell(report);
  keepLogs(environment, report, options);
  return report;
}

function tell(report: RunReport): void {
  const { provisions, violations, tookSeconds, skipped } = report;
  say(
    skipped === undefined
      ? `  ${provisions} stores, ${violations.length} violations, ${tookSeconds.toFixed(0)} s`
      : `  not run: ${skipped}`,
  );
  for (const { invariant, what } of violations) say(`  ${invariant}: ${what}`);
}

function keepLogs(environment: FaultEnvironment, report: RunReport, options: Options): void {
  if (options.keepsLogs && report.violations.length > 0) {
    cpSync(environment.logs, `faults-logs/${report.kind}-${report.seed}`, { recursive: true });
  }
}

/** @throws Error in one sentence when the file is no report of `--json`. */
function readReport(file: string): Report {
  const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>;
  if (!Array.isArray(read.rows) || !Array.isArray(read.violations)) {
    throw new Error(`${file} is no report: --onto takes what --json has written`);
  }
  return read as Report; // written by this program
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), () => randomInt(1, MAX_SEED - 10_000));
  const all = [SWEEP, ...CATALOGUE];
  const unknown = options.only.filter((only) => !all.some(({ kind }) => kind === only));
  if (options.lists || unknown.length > 0) {
    process.stdout.write(`${all.map(({ kind, title }) => `${kind.padEnd(32)} ${title}`).join('\n')}\n`);
    if (unknown.length > 0) throw new Error(`there is no fault ${unknown.join(', ')}; those above there are`);
    return;
  }
  // Read before anything is run: what can't be read is told at once.
  const earlier = options.ontoFile === undefined ? undefined : readReport(options.ontoFile);
  say(`seed ${options.seed}`);
  const startedAtMs = Date.now();
  const runs = await runAll(options);
  const made = makeReport({ kinds: all, runs, isShort: options.isShort, seed: options.seed, startedAtMs });
  const report = earlier === undefined ? made : ontoEarlier(earlier, made);
  process.stdout.write(`${formatTable(report)}\n\n${formatSummary(report)}\n`);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (options.writesDocs)
    await writeMarkedSection(DOCS, 'faults', `${formatSummary(report)}\n\n${formatTable(report)}`);
  if (report.totals.violations > 0 || abort.signal.aborted) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Not left to the event loop: a run that was broken off still polls what is gone.
process.exit(process.exitCode);
