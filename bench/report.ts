import { cpus, totalmem } from 'node:os';
import type { Ratio } from './statistics.ts';

/** One line of the table. */
export interface Finding {
  readonly what: string;
  readonly ours: string;
  readonly against: string;
  readonly ratio: string;
  readonly target: string;
  /** Null: a fact without a target. */
  readonly met: boolean | null;
}

/** What a case found; `details` is Markdown that follows the table. */
export interface CaseReport {
  readonly findings: readonly Finding[];
  readonly details?: string;
}

/** A finding made of a ratio that has to stay at or below a target. */
export function ratioFinding(input: {
  readonly what: string;
  readonly ours: string;
  readonly against: string;
  readonly ratio: Ratio;
  readonly target: number;
}): Finding {
  const { median } = input.ratio;
  return {
    what: input.what,
    ours: input.ours,
    against: input.against,
    ratio: ratioText(input.ratio),
    target: `≤ ${input.target}`,
    met: median <= input.target,
  };
}

export function ratioText({ median, low, high }: Ratio): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

export function milliseconds(value: number): string {
  return value < 1_000 ? `${value.toFixed(1)} ms` : `${(value / 1_000).toFixed(2)} s`;
}

/** What a reader needs to judge the figures. */
export function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${gib} GiB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

export function markdownTable(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ what, ours, against, ratio, target, met }) =>
      `| ${what} | ${ours} | ${against} | ${ratio} | ${target} | ${verdict(met)} |`,
  );
  return ['| what | ours | against | ratio (95 %) | target | met |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

function verdict(met: boolean | null): string {
  if (met === null) return '–';
  return met ? 'yes' : '**no**';
}
