import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ENGINES, type Engine } from '../domain/engines/index.ts';
import { forgetImages } from '../temporal-dev/node/containerd.ts';
import { defaultImagesFolder } from '../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../temporal-dev/processes/state-folder.ts';
import { eventually } from '../test/harness/eventually.ts';
import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { startNodePlatform, type NodePlatform } from '../test/harness/node/node-platform.ts';
import { startImageRegistry } from './cases/image-registry.ts';
import { missingImageMs, storeRun } from './cases/store-run.ts';
import { IMAGE_CACHES, type ImageCache, type MissingImage, nodeReport, type StoreRun } from './node-report.ts';
import { machine } from './report.ts';

/*
 * Stores on the real node of this machine, one after the other: from the request to an order that went through, split by
 * step, with the images on the node and without, and what a store then needs while nobody visits it and under orders.
 */
const USAGE = `npm run bench:node -- [--engine NAME] [--cache NAME] [--runs N] [--write]
  --engine NAME  one of ${ENGINES.join(', ')}; may be given more than once; all of them unless told
  --cache NAME   warm: images on the node; cold: images pulled from a registry on this machine; both unless told
  --runs N       stores of each engine and cache; 5 unless told
  --write        puts the tables into README.md`;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', multiple: true, default: [...ENGINES] },
    cache: { type: 'string', multiple: true, default: [...IMAGE_CACHES] },
    runs: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Of all there are, in their own order. */
function chosen<T extends string>(option: string, words: readonly string[], all: readonly T[]): readonly T[] {
  const unknown = words.find((word) => !all.some((one) => one === word));
  if (unknown !== undefined) throw new Error(`--${option} ${unknown} is none of ${all.join(', ')}\n${USAGE}`);
  return all.filter((one) => words.includes(one));
}

interface Plan {
  readonly engines: readonly Engine[];
  readonly caches: readonly ImageCache[];
  readonly runs: number;
}

/** @param input.onRun Told of every store as soon as it is measured. */
async function measure(
  platform: NodePlatform,
  input: Plan & { readonly stateDir: string; readonly onRun: (run: StoreRun) => void },
): Promise<readonly MissingImage[]> {
  const { engines, caches, runs, stateDir, onRun } = input;
  const missing: MissingImage[] = [];
  for (const engine of caches.includes('warm') ? engines : []) {
    for (let run = 1; run <= runs; run += 1) {
      onRun(await storeRun(platform, { engine, cache: 'warm', isObserved: run === runs }));
    }
    missing.push({ engine, namedMs: await missingImageMs(platform, engine) });
  }
  if (!caches.includes('cold')) return missing;
  const registry = await startImageRegistry({ images: defaultImagesFolder(process.env), folder: stateDir });
  try {
    await platform.replaceWorker(registry.values);
    for (const engine of engines) {
      for (let run = 1; run <= runs; run += 1) {
        // The store before is deleted; the kubelet takes its last containers away within a minute or two.
        await eventually(() => forgetImages(stateDir).then(() => true), { deadlineMs: 180_000, intervalMs: 1_000 });
        onRun(await storeRun(platform, { engine, cache: 'cold', isObserved: false }));
      }
    }
  } finally {
    await registry.stop();
  }
  return missing;
}

async function main(): Promise<void> {
  const plan: Plan = {
    engines: chosen('engine', values.engine, ENGINES),
    caches: chosen('cache', values.cache, IMAGE_CACHES),
    runs: Number(values.runs),
  };
  if (!Number.isInteger(plan.runs) || plan.runs < 1) {
    throw new Error(`--runs ${values.runs} is no number of runs\n${USAGE}`);
  }
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), 'store-platform-node-bench-')));
  const runs: StoreRun[] = [];
  const onRun = (run: StoreRun) => {
    runs.push(run);
    process.stderr.write(`${JSON.stringify(run)}\n`);
  };
  let missing: readonly MissingImage[] = [];
  const platform = await startNodePlatform(stateDir);
  try {
    missing = await measure(platform, { ...plan, stateDir, onRun });
  } finally {
    await platform.stop();
    await removeStateFolder(openStateFolder(stateDir));
  }
  const text = `Measured on ${machine()}.\n\n${nodeReport(runs, missing)}`;
  process.stdout.write(`${text}\n`);
  if (values.write) await writeMarkedSection('README.md', 'node-bench', text);
}

if (values.help) process.stdout.write(`${USAGE}\n`);
else await main();
