import { cpus, platform, release, totalmem } from 'node:os';
import { INVARIANTS, type Invariant } from '../checks/violation.ts';
import type { FaultKind } from '../fault-kind.ts';
import type { RunReport } from '../runs/run.ts';

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** All runs of one fault. */
export interface FaultRow {
  readonly kind: string;
  readonly title: string;
  readonly runs: number;
  readonly seeds: readonly number[];
  readonly provisions: number;
  readonly violations: number;
  readonly unavailable: number;
  readonly lost: number;
  /** Null: no operation was running when the fault ended. */
  readonly recoverySeconds: Percentiles | null;
  readonly skipped: string | null;
  readonly note: string | null;
}

export interface Report {
  readonly form: 'long' | 'short';
  readonly seed: number;
  readonly startedAt: string;
  readonly tookMinutes: number;
  readonly machine: string;
  readonly rows: readonly FaultRow[];
  readonly totals: {
    readonly runs: number;
    readonly kinds: number;
    readonly provisions: number;
    readonly violations: number;
  };
  readonly violations: readonly {
    readonly kind: string;
    readonly seed: number;
    readonly invariant: Invariant;
    readonly message: string;
  }[];
}

export function makeReport(made: {
  readonly kinds: readonly Pick<FaultKind, 'kind' | 'title'>[];
  readonly runs: readonly RunReport[];
  readonly isShort: boolean;
  readonly temporal: 'dev' | 'cluster';
  readonly seed: number;
  readonly startedAtMs: number;
}): Report {
  const rows = made.kinds.flatMap((kind) => {
    const own = made.runs.filter((run) => run.kind === kind.kind);
    return own.length === 0 ? [] : [rowOf(kind, own)];
  });
  return {
    form: made.isShort ? 'short' : 'long',
    seed: made.seed,
    startedAt: new Date(made.startedAtMs).toISOString(),
    tookMinutes: round((Date.now() - made.startedAtMs) / 60_000),
    machine: `${describeMachine()}${made.temporal === 'cluster' ? ', Temporal as a cluster of two nodes' : ''}`,
    ...withTotals(rows),
    violations: made.runs.flatMap(({ kind, seed, violations }) => violations.map((each) => ({ kind, seed, ...each }))),
  };
}

/**
 * Merges a report into an earlier one. Faults of the new report replace their rows and are marked `repeated`; all other rows are
 * kept.
 *
 * @throws Error when the reports are from different machines or forms, or of a Temporal cluster and the development server: their figures are not comparable.
 */
export function mergeReports(earlier: Report, now: Report): Report {
  if (earlier.machine !== now.machine || earlier.form !== now.form) {
    throw new Error(
      `cannot merge the reports: the earlier one is the ${earlier.form} form on ${earlier.machine}, this one is the ${now.form} form on ${now.machine}`,
    );
  }
  const isKept = ({ kind }: { readonly kind: string }): boolean => now.rows.every((row) => row.kind !== kind);
  const replaced = new Map(now.rows.map((row) => [row.kind, { ...row, note: joinNotes(row.note, 'repeated') }]));
  const rows = earlier.rows.map((row) => replaced.get(row.kind) ?? row);
  const added = now.rows.filter(({ kind }) => earlier.rows.every((row) => row.kind !== kind));
  return {
    ...earlier,
    tookMinutes: round(earlier.tookMinutes + now.tookMinutes),
    ...withTotals([...rows, ...added]),
    violations: [...earlier.violations.filter(isKept), ...now.violations],
  };
}

function joinNotes(...notes: readonly (string | null)[]): string {
  return notes.filter((note) => note !== null).join(', ');
}

function withTotals(rows: readonly FaultRow[]): Pick<Report, 'rows' | 'totals'> {
  const sum = (pick: (row: FaultRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  return {
    rows,
    totals: {
      runs: sum(({ runs }) => runs),
      kinds: rows.filter(({ skipped }) => skipped === null).length,
      provisions: sum(({ provisions }) => provisions),
      violations: sum(({ violations }) => violations),
    },
  };
}

function rowOf({ kind, title }: Pick<FaultKind, 'kind' | 'title'>, runs: readonly RunReport[]): FaultRow {
  const sum = (pick: (run: RunReport) => number): number => runs.reduce((total, run) => total + pick(run), 0);
  return {
    kind,
    title,
    runs: runs.length,
    seeds: runs.map(({ seed }) => seed),
    provisions: sum(({ provisions }) => provisions),
    violations: sum(({ violations }) => violations.length),
    unavailable: sum(({ unavailable }) => unavailable),
    lost: sum(({ lost }) => lost),
    recoverySeconds: percentilesOf(runs.flatMap(({ recoverySeconds }) => recoverySeconds)),
    skipped: runs[0]?.skipped ?? null,
    note: runs[0]?.note ?? null,
  };
}

/** Returns nearest-rank percentiles, or null for an empty list. */
export function percentilesOf(values: readonly number[]): Percentiles | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (fraction: number): number => round(sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? 0);
  if (sorted.length === 0) return null;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${platform()} ${release()}, Node ${process.versions.node}`;
}

/** Returns the rows of a report as a Markdown table. */
export function formatTable(report: Report): string {
  const header = [
    'fault',
    'description',
    'runs',
    'seeds',
    'stores',
    'violations',
    '503 / no response',
    'recovery p50 / p95 / max (s)',
  ];
  const lines = report.rows.map((row) => [
    row.kind,
    row.skipped === null
      ? `${row.title}${row.note === null ? '' : ` (${row.note})`}`
      : `${row.title} (skipped: ${row.skipped})`,
    String(row.runs),
    seedRange(row.seeds),
    String(row.provisions),
    String(row.violations),
    `${row.unavailable} / ${row.lost}`,
    row.recoverySeconds === null
      ? '–'
      : `${row.recoverySeconds.p50} / ${row.recoverySeconds.p95} / ${row.recoverySeconds.max}`,
  ]);
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const SEEDS_SHOWN = 4;

function seedRange(seeds: readonly number[]): string {
  const shown = seeds.slice(0, SEEDS_SHOWN).join(', ');
  return seeds.length > SEEDS_SHOWN ? `${shown}, …` : shown;
}

function count(total: number, noun: string): string {
  return `${total} ${noun}${total === 1 ? '' : 's'}`;
}

/** Returns the totals, the machine and the list of violations. */
export function formatSummary(report: Report): string {
  const { runs, kinds, provisions, violations } = report.totals;
  const outages =
    report.form === 'short' ? ' Short form: an outage lasts 6 to 15 s; in the long form it lasts 30 to 120 s.' : '';
  const violationLines = report.violations.map(
    ({ kind, seed, invariant, message }) =>
      `- ${kind}, seed ${seed}: ${invariant} (${INVARIANTS[invariant]}): ${message}`,
  );
  return [
    `${count(violations, 'violation')} in ${count(runs, 'run')} of ${count(kinds, 'fault')} with ${count(provisions, 'store')}; seed ${report.seed}; duration ${report.tookMinutes} min.${outages}`,
    `Machine: ${report.machine}.`,
    ...(violationLines.length === 0 ? [] : ['', ...violationLines]),
  ].join('\n');
}
