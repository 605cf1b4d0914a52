import type { Statistics } from '@store-platform/client';
import type { ChartData, Positions, Series } from '../charts/chart-data.ts';
import type { Colour } from '../charts/colours.ts';

const HOUR_MS = 3_600_000;
const BUCKET_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const satisfies Record<Statistics['bucket'], number>;

/** Causes with a series of their own. All others are one series. */
const MAX_CAUSES = 5;
const CAUSE_COLOURS = [1, 2, 3, 4, 5] as const satisfies readonly Colour[];

type Outcome = Statistics['operations'][number]['outcome'];
export const OUTCOME_COLOURS = {
  succeeded: 'success',
  failed: 'danger',
  cancelled: 'neutral',
  superseded: 6,
} as const satisfies Record<Outcome, Colour>;
const OUTCOMES = Object.keys(OUTCOME_COLOURS) as readonly Outcome[];

export const ENGINE_COLOURS = { woocommerce: 6, medusa: 2 } as const satisfies Record<
  Statistics['stores'][number]['engine'],
  Colour
>;

function bucketsOf({ bucket, storesOverTime }: Statistics): Positions & { readonly kind: 'time' } {
  return { kind: 'time', startsMs: storesOverTime.map(({ at }) => Date.parse(at)), bucketMs: BUCKET_MS[bucket] };
}

/** Returns the counts of some entries in each bucket. */
function perBucket(
  { startsMs }: { readonly startsMs: readonly number[] },
  entries: readonly { readonly at: string; readonly count: number }[],
): number[] {
  const counts = new Map<number, number>();
  for (const { at, count } of entries) counts.set(Date.parse(at), (counts.get(Date.parse(at)) ?? 0) + count);
  return startsMs.map((start) => counts.get(start) ?? 0);
}

/** The number of stores at the end of each bucket. */
export function residentChart(statistics: Statistics, label: string): ChartData {
  const values = statistics.storesOverTime.map(({ resident }) => resident);
  return {
    shape: 'line',
    positions: bucketsOf(statistics),
    series: [{ id: 'resident', label, colour: 1, values, total: 'last' }],
  };
}

/** Created stores above the axis and deleted ones below it. */
export function changesChart(
  statistics: Statistics,
  labels: { readonly created: string; readonly deleted: string },
): ChartData {
  const { storesOverTime } = statistics;
  return {
    shape: 'bars',
    positions: bucketsOf(statistics),
    series: [
      { id: 'created', label: labels.created, colour: 1, values: storesOverTime.map(({ created }) => created) },
      {
        id: 'deleted',
        label: labels.deleted,
        colour: 'neutral',
        values: storesOverTime.map(({ deleted }) => deleted),
        isBelow: true,
      },
    ],
  };
}

/** Operations that ended, by outcome. */
export function operationsChart(statistics: Statistics, labels: Readonly<Record<Outcome, string>>): ChartData {
  const positions = bucketsOf(statistics);
  const series = OUTCOMES.map((outcome): Series => {
    const entries = statistics.operations.filter((entry) => entry.outcome === outcome);
    return {
      id: outcome,
      label: labels[outcome],
      colour: OUTCOME_COLOURS[outcome],
      values: perBucket(positions, entries),
    };
  });
  return { shape: 'bars', positions, series: series.filter(({ id, values }) => id === 'succeeded' || sum(values) > 0) };
}

/** Failed operations by their causes: the most frequent ones, and all others together. */
export function failuresChart(
  statistics: Statistics,
  { titleOf, others }: { readonly titleOf: (code: Cause) => string; readonly others: string },
): ChartData {
  const positions = bucketsOf(statistics);
  const causes = causesOf(statistics);
  const shown = causes.slice(0, MAX_CAUSES);
  const rest = causes.slice(MAX_CAUSES).map(({ code }) => code);
  const series = shown.map(({ code }, index): Series => ({
    id: code,
    label: titleOf(code),
    colour: CAUSE_COLOURS[index] ?? 'neutral',
    values: perBucket(
      positions,
      statistics.failures.filter((entry) => entry.code === code),
    ),
  }));
  if (rest.length === 0) return { shape: 'bars', positions, series };
  const values = perBucket(
    positions,
    statistics.failures.filter(({ code }) => rest.includes(code)),
  );
  return { shape: 'bars', positions, series: [...series, { id: 'others', label: others, colour: 'neutral', values }] };
}

export type Cause = Statistics['failures'][number]['code'];

/** Returns the causes of failures, the most frequent one first. */
export function causesOf({ failures }: Statistics): readonly { readonly code: Cause; readonly count: number }[] {
  const counts = new Map<Cause, number>();
  for (const { code, count } of failures) counts.set(code, (counts.get(code) ?? 0) + count);
  return [...counts].map(([code, count]) => ({ code, count })).toSorted((a, b) => b.count - a.count);
}

/** The time to ready of each engine in classes. */
export function readyChart(
  { timeToReady }: Statistics,
  texts: {
    readonly engineNames: Readonly<Record<keyof typeof ENGINE_COLOURS, string>>;
    readonly upTo: (seconds: number) => string;
    readonly above: (seconds: number) => string;
  },
): ChartData {
  const bounds = timeToReady[0]?.histogram.map(({ upToSeconds }) => upToSeconds) ?? [];
  const last = bounds.at(-2) ?? 0;
  return {
    shape: 'bars',
    positions: {
      kind: 'classes',
      labels: bounds.map((bound) => (bound === null ? texts.above(last) : texts.upTo(bound))),
    },
    series: timeToReady.map(({ engine, histogram }) => ({
      id: engine,
      label: texts.engineNames[engine],
      colour: ENGINE_COLOURS[engine],
      values: histogram.map(({ count }) => count),
    })),
  };
}

/** Returns the sum of numbers. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Returns how many operations ended, and how many of them failed. */
export function outcomesOf({ operations }: Statistics): { readonly ended: number; readonly failed: number } {
  return {
    ended: sum(operations.map(({ count }) => count)),
    failed: sum(operations.filter(({ outcome }) => outcome === 'failed').map(({ count }) => count)),
  };
}
