import { randomUUID } from 'node:crypto';
import { workflowIdOf } from '../../domain/names.ts';
import { startBareServer } from '../bare-server-process.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, ratioFinding, type Finding } from '../report.ts';
import { alternate, medianOf, pairedRatio, percentile, timed, type Pair } from '../statistics.ts';

const WARM_UP = 30;
/** Pause before a measurement: Temporal's development server still writes after its response, which no client waits for. */
const PAUSE_MS = 50;

async function timedAfterPause(work: () => Promise<unknown>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  return timed(work);
}

/**
 * Compares `POST /api/stores` with a server that only starts the same workflow, with the same input. Both are processes of their
 * own. The two alternate, one request at a time. No worker runs: both sides end when Temporal has accepted the start.
 */
export async function postAgainstStart(platform: BenchPlatform, pairCount: number): Promise<Finding> {
  const bare = await startBareServer(platform.env);
  try {
    const pairs = await alternate(
      { platform: () => platform.create(), baseline: () => bare.send('POST', '/runs', { id: randomUUID() }) },
      { pairs: pairCount, warmUp: WARM_UP, pauseMs: PAUSE_MS },
    );
    const p99 = (side: keyof Pair): string =>
      milliseconds(
        percentile(
          pairs.map((pair) => pair[side]),
          99,
        ),
      );
    return ratioFinding({
      measurement: `\`POST /api/stores\`: request to response, p50 of ${pairCount} (p99 ${p99('platform')}, baseline ${p99('baseline')})`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `a server that starts the workflow: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 1.5,
    });
  } finally {
    await bare.stop();
  }
}

/**
 * Compares 50 equal requests at the same time with one request.
 *
 * @throws Error when the equal requests create more than one store or more than one workflow run.
 */
export async function equalPosts(platform: BenchPlatform, pairCount: number): Promise<Finding> {
  const BURST = 50;
  const pairs: Pair[] = [];
  let runs = 0;
  for (let i = 0; i < pairCount; i += 1) {
    const baseline = await timedAfterPause(() => platform.create());
    const key = randomUUID();
    const ids = new Set<string>();
    const burst = await timedAfterPause(async () => {
      const stores = await Promise.all(Array.from({ length: BURST }, () => platform.create({ key })));
      for (const { storeId: id } of stores) ids.add(id);
    });
    if (ids.size !== 1) throw new Error(`${BURST} equal requests created ${ids.size} stores`);
    pairs.push({ platform: burst, baseline });
    const [id = ''] = ids;
    const { count } = await platform.client.workflow.count(`WorkflowId = "${workflowIdOf(id)}"`);
    runs = Math.max(runs, count);
  }
  if (runs !== 1) throw new Error(`equal requests started ${runs} workflow runs`);
  return ratioFinding({
    measurement: `${BURST} equal \`POST\` requests at the same time (one store, one workflow run): total time`,
    platform: milliseconds(medianOf(pairs, 'platform')),
    baseline: `one \`POST\` request: ${milliseconds(medianOf(pairs, 'baseline'))}`,
    ratio: pairedRatio(pairs, Math.random),
    target: 5,
  });
}
