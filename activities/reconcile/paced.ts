import { pause } from '../runtime/activity-context.ts';

/** Expected duration of the work on one item. Slower work lowers the rate, it does not increase the number of parallel items. */
const EXPECTED_MS_AN_ITEM = 200;
const MAX_PARALLEL = 8;

/**
 * Works on all items, at most `storesPerSecond` of them per second, and returns the results in the order of the items. The
 * first error ends the work. It returns only when the time of the last item is over, so the rate also holds over several calls.
 */
export async function paced<T, R>(
  items: readonly T[],
  { storesPerSecond }: { readonly storesPerSecond: number },
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const parallel = Math.min(MAX_PARALLEL, Math.max(1, Math.ceil((storesPerSecond * EXPECTED_MS_AN_ITEM) / 1_000)));
  const beganMs = performance.now();
  const results: R[] = [];
  for (let from = 0; from < items.length; from += parallel) {
    const batch = items.slice(from, from + parallel);
    results.push(...(await Promise.all(batch.map(work))));
    const aheadMs = ((from + batch.length) * 1_000) / storesPerSecond - (performance.now() - beganMs);
    if (aheadMs > 0) await pause(aheadMs);
  }
  return results;
}
