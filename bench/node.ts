import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENGINES, type Engine } from '../domain/engines/index.ts';
import { forgetImages } from '../temporal-dev/node/containerd.ts';
import { defaultImagesFolder } from '../temporal-dev/node/store-images.ts';
import { openStateFolder, removeStateFolder } from '../temporal-dev/processes/state-folder.ts';
import { eventually } from '../test/harness/eventually.ts';
import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { startNodePlatform, type NodePlatform } from '../test/harness/node/node-platform.ts';
import { endWithUsage, readOptions } from './command-line.ts';
import { startImageRegistry } from './cases/image-registry.ts';
import { missingImageMs, storeRun } from './cases/store-run.ts';
import { IMAGE_CACHES, type ImageCache, type MissingImage, nodeReport, type StoreRun } from './node-report.ts';
import { machine } from './report.ts';

/*
 * Measures stores on the real node of this machine, one after the other: the time from the request until the verification order
 * is placed, by step, with and without the images on the node; and the memory and CPU usage of a store, idle and under load.
 */
const PAGE = 'docs/benchmarks.md';
const USAGE = `npm run bench:node -- [--engine NAME] [--cache NAME] [--runs N] [--write]
  --engine NAME  ${ENGINES.join(' or ')}; repeat the option for more engines; default: all
  --cache NAME   warm: images on the node; cold: images pulled from a registry on this machine; default: both
  --runs N       number of stores per engine and cache; default: 5
  --write        write the tables into ${PAGE}
  --help         print this text and exit`;

const values = readOptions(
  {
    engine: { type: 'string', multiple: true, default: [...ENGINES] },
    cache: { type: 'string', multiple: true, default: [...IMAGE_CACHES] },
    runs: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

/** Returns the selected items in the order of `all`. Ends the process with the usage text when a name is unknown. */
function select<T extends string>(option: string, words: readonly string[], all: readonly T[]): readonly T[] {
  const unknown = words.find((word) => !all.some((one) => one === word));
  if (unknown !== undefined) endWithUsage(`--${option} must be ${all.join(' or ')}; got ${unknown}.`, USAGE);
  return all.filter((one) => words.includes(one));
}

interface Plan {
  readonly engines: readonly Engine[];
  readonly caches: readonly ImageCache[];
  readonly runs: number;
}

/** @param input.onRun Called with the measurements of each store. */
async function measure(
  platform: NodePlatform,
  input: Plan & { readonly stateDir: string; readonly onRun: (run: StoreRun) => void },
): Promise<readonly MissingImage[]> {
  const { engines, caches, runs, stateDir, onRun } = input;
  const missing: MissingImage[] = [];
  for (const engine of caches.includes('warm') ? engines : []) {
    for (let run = 1; run <= runs; run += 1) {
      onRun(await storeRun(platform, { engine, cache: 'warm', measuresUsage: run === runs }));
    }
    missing.push({ engine, reportedMs: await missingImageMs(platform, engine) });
  }
  if (!caches.includes('cold')) return missing;
  const registry = await startImageRegistry({ images: defaultImagesFolder(process.env), folder: stateDir });
  try {
    await platform.replaceWorker(registry.values);
    for (const engine of engines) {
      for (let run = 1; run <= runs; run += 1) {
        // The previous store is deleted, but the kubelet needs one to two minutes to remove its last containers.
        await eventually(() => forgetImages(stateDir).then(() => true), { deadlineMs: 180_000, intervalMs: 1_000 });
        onRun(await storeRun(platform, { engine, cache: 'cold', measuresUsage: false }));
      }
    }
  } finally {
    await registry.stop();
  }
  return missing;
}

async function main(): Promise<void> {
  const plan: Plan = {
    engines: select('engine', values.engine, ENGINES),
    caches: select('cache', values.cache, IMAGE_CACHES),
    runs: Number(values.runs),
  };
  if (!Number.isInteger(plan.runs) || plan.runs < 1) {
    endWithUsage(`--runs must be a positive whole number; got ${values.runs}.`, USAGE);
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
  if (values.write) await writeMarkedSection(PAGE, 'node-bench', text);
}

if (values.help) process.stdout.write(`${USAGE}\n`);
else await main();
