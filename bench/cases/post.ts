import { randomUUID } from 'node:crypto';
import { TASK_QUEUES, workflowIdOf } from '../../domain/names.ts';
import type { OperationInput } from '../../domain/operations/types.ts';
import { searchAttributesOf } from '../../workflows/search-attributes.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, ratioFinding, type Finding } from '../report.ts';
import { pairedRatio, percentile, timed } from '../statistics.ts';

const WARM_UP = 30;
/** Temporal's development server still writes what a start has left to do when it has answered; that is nobody's wait. */
const REST_MS = 50;

async function timedAfterRest(work: () => Promise<unknown>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return timed(work);
}

/**
 * `POST /api/stores` against a bare start of the same workflow with the same input, in turn and one at a time. No worker
 * runs: both sides end when Temporal has accepted.
 */
export async function postAgainstStart(platform: BenchPlatform, pairs: number): Promise<Finding> {
  const { client } = platform;
  const post = () => platform.create();
  const start = () => {
    const storeId = randomUUID();
    const input: OperationInput = {
      store: {
        storeId,
        tenantId: 'default-user',
        name: 'Acme Shoes',
        engine: 'woocommerce',
        namespace: `store-acme-shoes-${storeId.slice(0, 8)}`,
        releaseName: `acme-shoes-${storeId.slice(0, 8)}`,
        host: `acme-shoes-${storeId.slice(0, 8)}.localhost`,
      },
      correlationId: randomUUID(),
    };
    return client.workflow.start('provisionStore', {
      workflowId: workflowIdOf(storeId),
      taskQueue: TASK_QUEUES.control,
      typedSearchAttributes: searchAttributesOf(input.store, 'provision', 'requested'),
      args: [input],
    });
  };
  for (let i = 0; i < WARM_UP; i += 1) {
    await post();
    await start();
  }
  const measured: { ours: number; theirs: number }[] = [];
  for (let i = 0; i < pairs; i += 1) {
    // Every other pair the other way round: whoever comes second finds warmer caches.
    const theirsFirst = i % 2 === 0;
    const before = theirsFirst ? await timedAfterRest(start) : undefined;
    const ours = await timedAfterRest(post);
    const theirs = before ?? (await timedAfterRest(start));
    measured.push({ ours, theirs });
  }
  const ours = measured.map((pair) => pair.ours);
  const theirs = measured.map((pair) => pair.theirs);
  return ratioFinding({
    what: `POST, p50 of ${pairs} (p99 ${milliseconds(percentile(ours, 99))} against ${milliseconds(percentile(theirs, 99))})`,
    ours: milliseconds(percentile(ours, 50)),
    against: `bare \`workflow.start\` ${milliseconds(percentile(theirs, 50))}`,
    ratio: pairedRatio(measured, Math.random),
    target: 1.5,
  });
}

/** 50 equal requests at once against one request, in turn; and what they made: one store, one run. */
export async function equalPosts(platform: BenchPlatform, pairs: number): Promise<Finding> {
  const BURST = 50;
  const measured: { ours: number; theirs: number }[] = [];
  let runs = 0;
  for (let i = 0; i < pairs; i += 1) {
    const theirs = await timedAfterRest(() => platform.create());
    const key = randomUUID();
    const ids = new Set<string>();
    const ours = await timedAfterRest(async () => {
      const stores = await Promise.all(Array.from({ length: BURST }, () => platform.create({ key })));
      for (const { storeId: id } of stores) ids.add(id);
    });
    if (ids.size !== 1) throw new Error(`${BURST} equal requests made ${ids.size} stores`);
    measured.push({ ours, theirs });
    const [id = ''] = ids;
    const { count } = await platform.client.workflow.count(`WorkflowId = "${workflowIdOf(id)}"`);
    runs = Math.max(runs, count);
  }
  if (runs !== 1) throw new Error(`equal requests made ${runs} runs`);
  return ratioFinding({
    what: `${BURST} equal POSTs at once: one store, one run; wall`,
    ours: milliseconds(
      percentile(
        measured.map((pair) => pair.ours),
        50,
      ),
    ),
    against: `one POST ${milliseconds(
      percentile(
        measured.map((pair) => pair.theirs),
        50,
      ),
    )}`,
    ratio: pairedRatio(measured, Math.random),
    target: 5,
  });
}
