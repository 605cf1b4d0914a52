import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import { ENGINES, type Engine } from '../domain/engines.ts';
import { forgetImages } from '../temporal-dev/node/containerd.ts';
import { defaultImagesFolder } from '../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../temporal-dev/state-folder.ts';
import { eventually } from '../test/harness/eventually.ts';
import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { MISSING_IMAGE, startNodePlatform, type NodePlatform } from '../test/harness/node-platform.ts';
import { type ImageRegistry, pullingMs, startImageRegistry } from './cases/image-registry.ts';
import { type OrdersReport, underOrders } from './cases/orders.ts';
import { podMemoryBytes } from './cases/pod-usage.ts';
import { machine, milliseconds } from './report.ts';
import { percentile } from './statistics.ts';

/**
 * Stores on the real node of this machine, one after the other: from the request to an order that went through, split by
 * step, with the images on the node and without, and what a store then needs while nobody visits it and under orders.
 * `--write` puts the table into README.md.
 */
/** Start-up garbage is collected and caches have settled by then. */
const IDLE_MS = 60_000;

/** `cold`: the node has no image of the store, and pulls each from a registry on this machine. */
const IMAGE_CACHES = ['warm', 'cold'] as const;
type ImageCache = (typeof IMAGE_CACHES)[number];

interface Run {
  readonly engine: Engine;
  readonly cache: ImageCache;
  readonly totalMs: number;
  /** From the last steps of the set-up Job, by container, and of the platform, by step. */
  readonly parts: Readonly<Record<string, number>>;
  /** By pod, without caches of files that the kernel may drop. */
  readonly memory: Readonly<Record<string, number>>;
  /** Null: nobody ordered. */
  readonly orders: OrdersReport | null;
}

/** @param isObserved The store is left alone for a while, and then given customers. */
async function runOnce(
  platform: NodePlatform,
  { engine, cache, isObserved }: { readonly engine: Engine; readonly cache: ImageCache; readonly isObserved: boolean },
): Promise<Run> {
  const { id } = await platform.create(engine);
  const store = await platform.settled(id, 'ready');
  const { namespace } = store;
  const { items } = await platform.core.listNamespacedPod({ namespace });
  const parts: Record<string, number> = {};
  if (cache === 'cold') {
    parts['pulling images'] = pullingMs((await platform.core.listNamespacedEvent({ namespace })).items);
  }
  for (const { type, step, data } of await platform.events(id)) {
    if (type === 'step.completed' && step !== null) parts[step] = Number(data['durationMs']);
  }
  Object.assign(parts, setupParts(items));
  if (isObserved) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const pods = Object.fromEntries(
    items
      .filter(({ status }) => status?.phase === 'Running')
      .map(({ metadata }) => [metadata?.labels?.['app.kubernetes.io/component'] ?? '', metadata?.uid ?? '']),
  );
  const memory = Object.fromEntries(
    Object.entries(isObserved ? pods : {}).map(([pod, uid]) => [pod, podMemoryBytes(uid)]),
  );
  const address = new URL(store.urls.storefront ?? '').origin;
  const orders = isObserved ? await underOrders(engine, address, pods) : null;
  await platform.remove(id);
  const totalMs = Date.parse(store.readyAt ?? '') - Date.parse(store.createdAt);
  return { engine, cache, totalMs, parts, memory, orders };
}

/** From the beginning of the wait until the store says that its image can't be pulled, from a registry that refuses at once. */
async function missingImageMs(platform: NodePlatform, engine: Engine): Promise<number> {
  await platform.replaceWorker({ [engine]: MISSING_IMAGE });
  const { id } = await platform.create(engine);
  await platform.settled(id, 'failed');
  const events = await platform.events(id);
  const at = (wanted: string): number =>
    Date.parse(events.find(({ type, step }) => type === wanted && step === 'await-ready')?.at ?? '');
  await platform.remove(id);
  await platform.replaceWorker();
  return at('step.failed') - at('step.started');
}

/** What is left when the store has had its time: until it is up, and for its answers to the one who buys in it. */
function platformMs({ totalMs, parts }: Run): number {
  return totalMs - (parts['await-ready'] ?? 0) - (parts['verify'] ?? 0);
}

/** How long each container of the set-up Job ran. */
function setupParts(pods: readonly V1Pod[]): Record<string, number> {
  const setup = pods.find(({ metadata, status }) => {
    return metadata?.labels?.['app.kubernetes.io/component'] === 'setup' && status?.phase !== 'Failed';
  });
  const ended = [...(setup?.status?.initContainerStatuses ?? []), ...(setup?.status?.containerStatuses ?? [])];
  return Object.fromEntries(
    ended.map(({ name, state }) => {
      const { startedAt, finishedAt } = state?.terminated ?? {};
      return [`set-up: ${name}`, (finishedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)];
    }),
  );
}

function table(runs: readonly Run[]): string {
  const rows = ENGINES.flatMap((engine) => {
    const own = runs.filter((run) => run.engine === engine);
    return [...timeRows(engine, 'warm', own), ...timeRows(engine, 'cold', own), ...own.flatMap(observedRows)];
  });
  return ['| what | measured |', '|---|---|', ...rows].join('\n');
}

function timeRows(engine: Engine, cache: ImageCache, all: readonly Run[]): readonly string[] {
  const runs = all.filter((run) => run.cache === cache);
  const [first] = runs;
  if (first === undefined) return [];
  const p50 = (of: (run: Run) => number) => milliseconds(percentile(runs.map(of), 50));
  const what = `${engine}, ${cache === 'warm' ? 'images on the node' : 'no image on the node'}`;
  return [
    `| ${what}: request to proved sale, p50 of ${runs.length} | ${p50(({ totalMs }) => totalMs)} |`,
    `| ${what}: of it the platform's (all but pods starting, the set-up and the order) | ${p50(platformMs)} |`,
    ...Object.keys(first.parts).map((part) => `| ${what}: ${part} | ${p50(({ parts }) => parts[part] ?? 0)} |`),
  ];
}

function observedRows({ engine, memory, orders }: Run): readonly string[] {
  if (orders === null) return [];
  const idle = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20;
  return [
    ...Object.entries(memory).map(
      ([pod, bytes]) => `| ${engine}: idle memory of ${pod} | ${(bytes / 2 ** 20).toFixed(0)} MiB |`,
    ),
    `| ${engine}: idle memory of a store; stores per GiB | ${idle.toFixed(0)} MiB; ${(1_024 / idle).toFixed(1)} |`,
    ...ordersRows(engine, orders),
  ];
}

function ordersRows(engine: Engine, orders: OrdersReport): readonly string[] {
  const { offered, placed, tookSeconds, medianSeconds, refused, pods } = orders;
  const others = Object.entries(refused).map(([answer, count]) => `${count} × ${answer.replaceAll('|', ' ')}`);
  const median = medianSeconds === null ? '' : `, median ${medianSeconds.toFixed(1)} s each`;
  const cpu = Object.values(pods).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const peaks = Object.entries(pods).map(([pod, { peakBytes }]) => `${pod} ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
  return [
    `| ${engine}: 20 customers a second for 30 s | ${placed} of ${offered} orders in ${tookSeconds.toFixed(0)} s${median} |`,
    `| ${engine}: what the others were told | ${others.join('; ') || 'nobody was refused'} |`,
    `| ${engine}: processor time for an order | ${placed === 0 ? '–' : `${(cpu / placed).toFixed(2)} s`} |`,
    `| ${engine}: most memory meanwhile | ${peaks.join(', ')} |`,
  ];
}

const { values } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true, default: [...ENGINES] },
    cache: { type: 'string', multiple: true, default: [...IMAGE_CACHES] },
    runs: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const engines = chosen('engine', values.engine, ENGINES);
const caches = chosen('cache', values.cache, IMAGE_CACHES);
const stateDir = realpathSync(mkdtempSync(join(tmpdir(), 'store-platform-node-bench-')));
const platform = await startNodePlatform(stateDir);
let registry: ImageRegistry | undefined;
const runs: Run[] = [];
const missingImages: string[] = [];

/** Of all there are, in their own order. */
function chosen<T extends string>(option: string, words: readonly string[], all: readonly T[]): readonly T[] {
  const unknown = words.find((word) => !all.some((one) => one === word));
  if (unknown !== undefined) throw new Error(`--${option} ${unknown} is none of ${all.join(', ')}`);
  return all.filter((one) => words.includes(one));
}

async function measure(engine: Engine, cache: ImageCache): Promise<void> {
  for (let run = 0; run < Number(values.runs); run += 1) {
    // The store before is deleted; the kubelet takes its last containers away within a minute or two.
    if (cache === 'cold') {
      await eventually(() => forgetImages(stateDir).then(() => true), { deadlineMs: 180_000, intervalMs: 1_000 });
    }
    const isObserved = cache === 'warm' && run === Number(values.runs) - 1;
    runs.push(await runOnce(platform, { engine, cache, isObserved }));
    process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`);
  }
}

try {
  for (const engine of caches.includes('warm') ? engines : []) {
    await measure(engine, 'warm');
    const named = milliseconds(await missingImageMs(platform, engine));
    missingImages.push(`| ${engine}: until a missing image is named | ${named} |`);
  }
  if (caches.includes('cold')) {
    registry = await startImageRegistry({ images: defaultImagesFolder(process.env), folder: stateDir });
    await platform.replaceWorker(registry.values);
    for (const engine of engines) await measure(engine, 'cold');
  }
} finally {
  await platform.stop();
  await registry?.stop();
  await removeStateFolder(openStateFolder(stateDir));
}
const text = `Measured on ${machine()}. Images that are not on the node come from a registry on the same machine.\n\n${[table(runs), ...missingImages].join('\n')}`;
process.stdout.write(`${text}\n`);
if (values.write) await writeMarkedSection('README.md', 'node-bench', text);
