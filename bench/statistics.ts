/** Nearest-rank percentile of some numbers, `p` from 0 to 100. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) throw new Error('there is no percentile of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export interface Ratio {
  /** Median of ours divided by median of theirs. */
  readonly median: number;
  /** Bounds of the 95 % bootstrap interval of that ratio. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/**
 * Ratio of two series that were measured in turn, pair by pair. Pairs are drawn together, so a machine that slows down for
 * a while slows both sides of a pair. `random` gives numbers in [0, 1).
 */
export function pairedRatio(
  pairs: readonly { readonly ours: number; readonly theirs: number }[],
  random: () => number,
): Ratio {
  const ratios = Array.from({ length: RESAMPLES }, () =>
    ratioOf(pairs.map(() => pairs[Math.floor(random() * pairs.length)] ?? { ours: 1, theirs: 1 })),
  );
  return { median: ratioOf(pairs), low: percentile(ratios, 2.5), high: percentile(ratios, 97.5) };
}

function ratioOf(pairs: readonly { readonly ours: number; readonly theirs: number }[]): number {
  const ours = pairs.map((pair) => pair.ours);
  const theirs = pairs.map((pair) => pair.theirs);
  return percentile(ours, 50) / percentile(theirs, 50);
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
