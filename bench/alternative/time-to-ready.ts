import { eventually } from '../../test/harness/eventually.ts';
import { openLane, type Ground, type Lane } from './lane.ts';
import { STORE_NAMES } from './shared-cluster.ts';
import { startWorkerProcess } from './worker-process.ts';

const DEADLINE_MS = 60_000;
const POLL_MS = 2;
/** Connections, prepared statements and compiled code on both sides. */
const WARM_UP = 5;

export interface ReadyPair {
  readonly ours: number;
  readonly theirs: number;
}

/** From request to `ready`, in milliseconds, on the platform and on the queue, in turn and one at a time. */
export async function timeToReady(
  ground: Ground,
  { pairs, stepMs }: { readonly pairs: number; readonly stepMs: number },
): Promise<readonly ReadyPair[]> {
  const platform = await openLane(ground, 'platform', stepMs);
  const queue = await openLane(ground, 'queue', stepMs);
  const workers = [await startWorkerProcess(platform.settings), await startWorkerProcess(queue.settings)];
  try {
    for (const worker of workers) await worker.work();
    const measured: ReadyPair[] = [];
    for (let i = -WARM_UP; i < pairs; i += 1) {
      // Every other pair the other way round: whoever comes second finds warmer caches.
      const theirsFirst = i % 2 === 0;
      const before = theirsFirst ? await msToReady(queue) : undefined;
      const ours = await msToReady(platform);
      const theirs = before ?? (await msToReady(queue));
      if (i >= 0) measured.push({ ours, theirs });
    }
    return measured;
  } finally {
    for (const worker of workers) await worker.kill();
    await platform.close();
    await queue.close();
  }
}

async function msToReady(lane: Lane): Promise<number> {
  const startedAt = performance.now();
  const store = await lane.create(STORE_NAMES.goesWell);
  await eventually(async () => (await lane.read(store)).status === 'ready', {
    deadlineMs: DEADLINE_MS,
    intervalMs: POLL_MS,
  });
  return performance.now() - startedAt;
}
