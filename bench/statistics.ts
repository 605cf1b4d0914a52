/** Returns the nearest-rank percentile, `p` from 0 to 100. @throws Error when the list is empty. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) throw new Error('cannot compute a percentile of an empty list');
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export interface Ratio {
  /** Median of the platform divided by the median of the baseline. */
  readonly median: number;
  /** Bounds of the 95 % bootstrap interval of that ratio. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/** One measurement of the platform and one of the baseline, taken one after the other. Both in the same unit. */
export interface Pair {
  readonly platform: number;
  readonly baseline: number;
}

/**
 * Returns the ratio of two series that were measured in pairs. The bootstrap resamples whole pairs, because a machine that slows
 * down slows both sides of a pair.
 *
 * @param random Returns a number in [0, 1).
 */
export function pairedRatio(pairs: readonly Pair[], random: () => number): Ratio {
  const ratios = Array.from({ length: RESAMPLES }, () =>
    ratioOf(pairs.map(() => pairs[Math.floor(random() * pairs.length)] ?? { platform: 1, baseline: 1 })),
  );
  return { median: ratioOf(pairs), low: percentile(ratios, 2.5), high: percentile(ratios, 97.5) };
}

function ratioOf(pairs: readonly Pair[]): number {
  return medianOf(pairs, 'platform') / medianOf(pairs, 'baseline');
}

/** Returns the median of one side of the pairs. @throws Error when there are no pairs. */
export function medianOf(pairs: readonly Pair[], side: keyof Pair): number {
  return percentile(
    pairs.map((pair) => pair[side]),
    50,
  );
}

/** Runs the work and returns its duration in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/**
 * Measures two sides in pairs, one after the other. The order alternates, because the second side of a pair finds warmer caches.
 *
 * @param warmUp Runs of each side that are not measured.
 * @param pauseMs Pause before each measurement. Default: none.
 */
export async function alternate(
  sides: Readonly<Record<keyof Pair, () => Promise<unknown>>>,
  { pairs: count, warmUp, pauseMs = 0 }: { readonly pairs: number; readonly warmUp: number; readonly pauseMs?: number },
): Promise<Pair[]> {
  for (let i = 0; i < warmUp; i += 1) {
    await sides.platform();
    await sides.baseline();
  }
  const measure = async (work: () => Promise<unknown>) => {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    return timed(work);
  };
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i += 1) {
    const first = i % 2 === 0 ? await measure(sides.baseline) : undefined;
    const platform = await measure(sides.platform);
    pairs.push({ platform, baseline: first ?? (await measure(sides.baseline)) });
  }
  return pairs;
}
