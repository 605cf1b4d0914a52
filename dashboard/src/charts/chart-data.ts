import type { Colour } from './colours.ts';

export interface Series {
  readonly id: string;
  readonly label: string;
  readonly colour: Colour;
  /** One value for each position. */
  readonly values: readonly number[];
  /** Draws the values below the axis, such as deleted stores below created ones. Default: false. */
  readonly isBelow?: boolean;
  /** The number that the legend shows: the sum of the values, or the last one. Default: the sum. */
  readonly total?: 'sum' | 'last';
}

/** The positions of a chart: buckets of time, or classes with a name. */
export type Positions =
  | { readonly kind: 'time'; readonly startsMs: readonly number[]; readonly bucketMs: number }
  | { readonly kind: 'classes'; readonly labels: readonly string[] };

export interface ChartData {
  readonly shape: 'bars' | 'line';
  readonly positions: Positions;
  readonly series: readonly Series[];
}

/** Returns the number of the legend. */
export function totalOf({ values, total = 'sum' }: Series): number {
  return total === 'last' ? (values.at(-1) ?? 0) : values.reduce((sum, value) => sum + value, 0);
}

/** Returns the positions on the axis: the middle of each bucket in seconds, or the index of each class. */
export function axisValues(positions: Positions): number[] {
  if (positions.kind === 'classes') return positions.labels.map((_, index) => index);
  return positions.startsMs.map((start) => (start + positions.bucketMs / 2) / 1_000);
}

/** Returns the ends of the axis, so that the first and the last bar are whole. */
export function axisRange(positions: Positions): [number, number] {
  const values = axisValues(positions);
  const half = positions.kind === 'classes' ? 0.5 : positions.bucketMs / 2_000;
  return [(values[0] ?? 0) - half, (values.at(-1) ?? 1) + half];
}

/**
 * Returns the heights at which stacked bars end. The first series stands on the axis. Series below the axis are stacked downward.
 */
export function stacked(series: readonly Series[]): number[][] {
  const above: number[] = [];
  const below: number[] = [];
  return series.map(({ values, isBelow = false }) =>
    values.map((value, index) => {
      const ends = isBelow ? below : above;
      const end = (ends[index] ?? 0) + (isBelow ? -value : value);
      ends[index] = end;
      return end;
    }),
  );
}
