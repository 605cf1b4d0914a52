import { cpus, totalmem } from 'node:os';
import type { Ratio } from './statistics.ts';

/** One row of the table. */
export interface Finding {
  /** Name of the measurement, with its conditions. */
  readonly measurement: string;
  /** Result of the platform. */
  readonly platform: string;
  /** The baseline and its result. */
  readonly baseline: string;
  readonly ratio: string;
  readonly target: string;
  /** Null: the measurement has no target. */
  readonly met: boolean | null;
}

/** Result of a case. `details` is Markdown that follows the table. */
export interface CaseReport {
  readonly findings: readonly Finding[];
  readonly details?: string;
}

/** Returns a finding whose ratio must not exceed the target. */
export function ratioFinding(input: {
  readonly measurement: string;
  readonly platform: string;
  readonly baseline: string;
  readonly ratio: Ratio;
  readonly target: number;
}): Finding {
  const { median } = input.ratio;
  return {
    measurement: input.measurement,
    platform: input.platform,
    baseline: input.baseline,
    ratio: ratioText(input.ratio),
    target: `≤ ${input.target}`,
    met: median <= input.target,
  };
}

/** Returns a finding whose time must not exceed a limit, both in milliseconds. */
export function limitFinding(measurement: string, valueMs: number, limitMs: number): Finding {
  return {
    measurement,
    platform: milliseconds(valueMs),
    baseline: `limit ${limitMs} ms`,
    ratio: (valueMs / limitMs).toFixed(2),
    target: '≤ 1',
    met: valueMs <= limitMs,
  };
}

export function ratioText({ median, low, high }: Ratio): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

export function milliseconds(value: number): string {
  return value < 1_000 ? `${value.toFixed(1)} ms` : `${(value / 1_000).toFixed(2)} s`;
}

/** Returns the machine, the Node version and the date of the measurement. */
export function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${gib} GiB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

export function markdownTable(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ measurement, platform, baseline, ratio, target, met }) =>
      `| ${measurement} | ${platform} | ${baseline} | ${ratio} | ${target} | ${metText(met)} |`,
  );
  return [
    '| measurement | platform | baseline | ratio (95 % interval) | target | met |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function metText(met: boolean | null): string {
  if (met === null) return '–';
  return met ? 'yes' : '**no**';
}

/** Returns a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
