import { createRequire } from 'node:module';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { PROVISION_STEPS } from '../../domain/store-state.ts';
import { crashSweep, type CrashResult } from '../alternative/crash-sweep.ts';
import { onOwnGround } from '../alternative/ground.ts';
import type { Ground } from '../alternative/lane.ts';
import { RECOVERY_CODE, recoveryLines, type RecoveryLines } from '../alternative/recovery-lines.ts';
import { CRASH_CASES, QUICK_CRASH_CASES } from '../alternative/scenarios.ts';
import { SIDES, type Side } from '../alternative/sides.ts';
import { timeToReady, type ReadyPair } from '../alternative/time-to-ready.ts';
import { milliseconds, ratioText, type CaseReport, type Finding } from '../report.ts';
import { pairedRatio, percentile } from '../statistics.ts';

const STEP_MS = 20;
const BOUND_MS = 60_000;
/** Workers that die and start at once; more of them would mostly wait for the processor. */
const LANES = 3;
/** Stores of the queue as it comes are left where they are, and waited for until the bound: that needs no processor. */
const WAITING_LANES = 9;

type Sweeps = Readonly<Record<Side, readonly CrashResult[]>>;

/** The same provision on Temporal and on a job queue in Postgres: how long it takes, what it survives, what that costs in code. */
export async function alternative(quick: boolean, report: (message: string) => void): Promise<CaseReport> {
  return onOwnGround(report, async (ground) => {
    const pairs = await timeToReady(ground, { pairs: quick ? 10 : 100, stepMs: STEP_MS });
    const cases = quick ? QUICK_CRASH_CASES : CRASH_CASES;
    const sweeps: Partial<Record<Side, readonly CrashResult[]>> = {};
    for (const side of SIDES) {
      sweeps[side] = await crashSweep(ground, side, {
        cases,
        lanes: side === 'bare-queue' ? WAITING_LANES : LANES,
        boundMs: BOUND_MS,
        stepMs: STEP_MS,
        report,
      });
    }
    const lines = await recoveryLines();
    const all = sweeps as Sweeps; // every side has been swept
    return {
      findings: [
        readyFinding(pairs),
        crashFinding(all, 'queue', 'with its recovery code'),
        crashFinding(all, 'bare-queue', 'as it comes'),
        recoveryFinding(all),
        linesFinding(lines),
      ],
      details: [linesTable(lines), failedCases(all), await versions(ground)].join('\n\n'),
    };
  });
}

function readyFinding(pairs: readonly ReadyPair[]): Finding {
  const ours = percentile(
    pairs.map((pair) => pair.ours),
    50,
  );
  const theirs = percentile(
    pairs.map((pair) => pair.theirs),
    50,
  );
  return told({
    what: `request to ready, ${PROVISION_STEPS.length} steps of ${STEP_MS} ms each, p50 of ${pairs.length} pairs`,
    ours: milliseconds(ours),
    against: `queue ${milliseconds(theirs)}`,
    ratio: ratioText(pairedRatio(pairs, Math.random)),
  });
}

function crashFinding(sweeps: Sweeps, side: Side, how: string): Finding {
  const ours = sweeps.platform.filter(hasPassed).length;
  const theirs = sweeps[side].filter(hasPassed).length;
  return {
    what: `crash cases passed within ${BOUND_MS / 1_000} s`,
    ours: `${ours} of ${sweeps.platform.length}`,
    against: `queue ${how}: ${theirs} of ${sweeps[side].length}`,
    ratio: '–',
    target: 'all',
    met: ours === sweeps.platform.length,
  };
}

function recoveryFinding(sweeps: Sweeps): Finding {
  return told({
    what: 'from the crash until all is as it must be, p50 and p95 of the cases passed',
    ours: recoveryOf(sweeps.platform),
    against: `queue with its recovery code ${recoveryOf(sweeps.queue)}`,
    ratio: '–',
  });
}

function recoveryOf(results: readonly CrashResult[]): string {
  const times = results.flatMap(({ recoveredMs }) => recoveredMs ?? []);
  if (times.length === 0) return 'none passed';
  return `${milliseconds(percentile(times, 50))}, ${milliseconds(percentile(times, 95))}`;
}

function linesFinding(lines: readonly RecoveryLines[]): Finding {
  const ours = lines.reduce((sum, each) => sum + each.ours, 0);
  const theirs = lines.reduce((sum, each) => sum + each.theirs, 0);
  return told({
    what: 'lines of recovery code',
    ours: String(ours),
    against: `queue ${theirs}`,
    ratio: (ours / theirs).toFixed(2),
  });
}

/** A fact without a target of ours. */
function told(fact: Pick<Finding, 'what' | 'ours' | 'against' | 'ratio'>): Finding {
  return { ...fact, target: '–', met: null };
}

function hasPassed({ problem }: CrashResult): boolean {
  return problem === null;
}

function linesTable(lines: readonly RecoveryLines[]): string {
  const rows = RECOVERY_CODE.map(({ purpose, ours, theirs }, index) => {
    const counted = lines[index];
    return `| ${purpose} | ${counted?.ours} | ${fileList(ours)} | ${counted?.theirs} | ${fileList(theirs)} |`;
  });
  return ['| recovery code for | ours | in | queue | in |', '|---|---|---|---|---|', ...rows].join('\n');
}

function fileList(files: readonly string[]): string {
  return files.length === 0 ? 'needs none' : files.map((file) => `\`${file}\``).join(', ');
}

function failedCases(sweeps: Sweeps): string {
  const lines = SIDES.flatMap((side) => {
    const failed = sweeps[side].filter((result) => !hasPassed(result));
    if (failed.length === 0) return [];
    return [`Not passed by ${side}: ${failed.map(({ name, problem }) => `${name} (${problem})`).join('; ')}.`];
  });
  return lines.length === 0 ? 'No case failed.' : lines.join('\n\n');
}

async function versions(ground: Ground): Promise<string> {
  const connection = await Connection.connect({ address: ground.temporalAddress });
  const client = new Client({ connectionString: ground.databaseUrl });
  await client.connect();
  try {
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const installed = ['graphile-worker', '@temporalio/worker'].map((name) => `${name} ${versionOf(name)}`);
    return `${installed.join(', ')}, Temporal server ${serverVersion}, Postgres ${rows[0]?.server_version}.`;
  } finally {
    await client.end();
    await connection.close();
  }
}

function versionOf(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return version;
}
