import type { BenchPlatform } from '../platform.ts';
import { memoryOf } from '../scale/processes.ts';
import { percentile } from '../statistics.ts';

/** Stores that are created or deleted at the same time. */
const LIVES = 4;
const SAMPLE_MS = 15_000;
const MINUTE_MS = 60_000;

export interface ChurnResult {
  readonly minutes: number;
  /** Stores that were created, became ready and were deleted. */
  readonly stores: number;
  /** Bytes of each process: medians of the second and the last third of the time. The caches fill in the first one. */
  readonly memory: readonly { readonly process: string; readonly before: number; readonly after: number }[];
}

/** Creates and deletes stores for some time, and measures the memory of each process. */
export async function measureChurn(platform: BenchPlatform, minutes: number): Promise<ChurnResult> {
  const worker = await platform.startWorker();
  const until = performance.now() + minutes * MINUTE_MS;
  let stores = 0;
  const live = async (): Promise<void> => {
    while (performance.now() < until) {
      const { storeId } = await platform.create({ engine: stores % 2 === 0 ? 'medusa' : 'woocommerce' });
      await platform.waitForStatus(storeId, 'ready', 200);
      await platform.remove([storeId]);
      stores += 1;
    }
  };
  const samples: Readonly<Record<string, number>>[] = [];
  const timer = setInterval(() => samples.push(memoryOf(platform, worker)), SAMPLE_MS);
  try {
    await Promise.all(Array.from({ length: LIVES }, live));
  } finally {
    clearInterval(timer);
  }
  const third = Math.floor(samples.length / 3);
  if (third === 0) throw new Error(`${minutes} minutes are too short: memory is read every ${SAMPLE_MS / 1_000} s`);
  const medianOf = (process: string, part: typeof samples): number =>
    percentile(
      part.map((each) => each[process] ?? 0),
      50,
    );
  const memory = Object.keys(samples[0] ?? {}).map((process) => ({
    process,
    before: medianOf(process, samples.slice(third, 2 * third)),
    after: medianOf(process, samples.slice(2 * third)),
  }));
  return { minutes, stores, memory };
}
