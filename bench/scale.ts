import { writeFile } from 'node:fs/promises';
import { Pool } from 'pg';
import { clusterScheduleIdsOf, DEFAULT_CLUSTER } from '../domain/names.ts';
import { FakeMedusa } from '../test/fake-shops/fake-medusa.ts';
import { serveFakeShop } from '../test/fake-shops/serve.ts';
import { writeMarkedSection } from '../test/harness/marked-section.ts';
import { endWithUsage, readOptions, wholeNumber } from './command-line.ts';
import { startBenchPlatform, type BenchPlatform } from './platform.ts';
import { openApiServer, type ApiServer } from './scale/api-server.ts';
import { measureIdle, measureLife, measurePass, untilQuiet } from './scale/measure.ts';
import { memoryOf, whilePaused } from './scale/processes.ts';
import { measureQueue } from './scale/queue.ts';
import { scaleReport, type ScaleResult, type SizeResult } from './scale/report.ts';
import { readTemplate, seedStores, seedVolumes, sizeOf, type Template } from './scale/seed.ts';
import { timed } from './statistics.ts';

/*
 * Measures how the platform behaves with many resident stores on simulated nodes: it creates one store, copies it, and measures
 * at each number of copies the life of new stores and the passes over all stores.
 */
const PAGE = 'docs/scale.md';
const USAGE = `npm run bench:scale -- [--sizes LIST] [--volumes N] [--waiting N] [--minutes N] [--json FILE] [--write]
  --sizes LIST   numbers of resident stores, ascending; default: 100,500,1000,2000
  --volumes N    volumes in the cluster for the last delete, as many as 10,000 stores have; 0: none; default: 25000
  --minutes N    leave out sizes that this machine would not finish in time; default: 12
  --waiting N    operations that wait for a tenant slot; default: 10000
  --json FILE    write the measurements as JSON into this file
  --write        write the tables into ${PAGE}
  --help         print this text and exit`;
/** Above every rate that this machine reaches, so that a pass shows what it costs and not its rate. */
const NO_RATE = '1000';
/** Time to measure one size. */
const MEASURING_MS = 90_000;
const SETTLE_MS = 3_000;
const PAUSED_WHILE_SEEDING = ['kube-controller-manager', 'kube-scheduler', 'kwok'];

const values = readOptions(
  {
    sizes: { type: 'string', default: '100,500,1000,2000' },
    volumes: { type: 'string', default: '25000' },
    waiting: { type: 'string', default: '10000' },
    minutes: { type: 'string', default: '12' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const LARGEST = 100_000;

function number(option: string, text: string, min: number): number {
  return wholeNumber(option, text, { min, max: LARGEST, usage: USAGE });
}

const startedAt = performance.now();
function report(message: string): void {
  process.stderr.write(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${message}\n`);
}

interface Bench {
  readonly platform: BenchPlatform;
  readonly api: ApiServer;
  readonly records: Pool;
  readonly template: Template;
  readonly worker: { readonly pid: number };
}

function pidOf({ platform }: Pick<Bench, 'platform'>, name: string): number {
  const found = platform.processes().find((process) => process.name === name);
  if (found === undefined) throw new Error(`the stack has no process ${name}`);
  return found.pid;
}

async function measureSize(
  bench: Bench,
  at: { readonly stores: number; readonly volumes: number; readonly withPasses: boolean; readonly isQuiet: boolean },
): Promise<SizeResult> {
  const { platform, api } = bench;
  const { stores, volumes, withPasses, isQuiet } = at;
  const idle = await measureIdle(api);
  report(`${stores} stores: life of new stores`);
  const life = await measureLife(platform, api, idle);
  let passes: SizeResult['passes'] = null;
  if (withPasses) {
    report(`${stores} stores: reconcile pass`);
    const reconcile = await measurePass(platform, api, { workflow: 'reconcileCluster', idle, stores, report });
    report(`${stores} stores: verification pass`);
    const verify = await measurePass(platform, api, { workflow: 'verifyStores', idle, stores: stores - 1, report });
    passes = { reconcile, verify };
  }
  const { databaseBytes } = await api.counters();
  return { stores, volumes, isQuiet, life, passes, memory: memoryOf(platform, bench.worker), etcdBytes: databaseBytes };
}

async function whenQuiet(api: ApiServer): Promise<boolean> {
  const isQuiet = await untilQuiet(api);
  if (!isQuiet) report('the controllers still write; the requests of this size are left out');
  return isQuiet;
}

async function run(
  bench: Bench,
  plan: {
    readonly sizes: readonly number[];
    readonly volumes: number;
    readonly waiting: number;
    readonly deadlineMs: number;
  },
): Promise<ScaleResult> {
  const { api, records, template, platform } = bench;
  const paused = PAUSED_WHILE_SEEDING.map((name) => pidOf(bench, name));
  report(`queue of ${plan.waiting} operations`);
  const { storeId } = template.store;
  const databaseUrl = platform.env['DATABASE_URL'] ?? '';
  const queue = await measureQueue({ databaseUrl, records, storeId }, [100, plan.waiting]);
  report(JSON.stringify(queue));
  const results: SizeResult[] = [];
  let [stores, seedingMs] = [1, 0];
  for (const size of plan.sizes) {
    const expectedMs = (seedingMs / Math.max(1, stores - 1)) * (size - stores) + MEASURING_MS;
    if (performance.now() + expectedMs > plan.deadlineMs) {
      report(`left out ${size} stores: this machine needs ${Math.round(expectedMs / 1_000)} s for them`);
      break;
    }
    report(`writing ${size - stores} copies`);
    seedingMs += await timed(() => whilePaused(paused, () => seedStores({ api, records, template }, size - stores)));
    stores = size;
    const isQuiet = await whenQuiet(api);
    results.push(
      await measureSize(bench, { stores, volumes: stores * template.volumes.length, withPasses: true, isQuiet }),
    );
    report(JSON.stringify(results.at(-1)));
  }
  const copiesPerSecond = ((stores - 1) * 1_000) / seedingMs;
  const more = plan.volumes - stores * template.volumes.length;
  if (more > 0) {
    report(`writing ${more} volumes`);
    await whilePaused(paused, () => seedVolumes(api, template, more));
    const isQuiet = await whenQuiet(api);
    results.push(await measureSize(bench, { stores, volumes: plan.volumes, withPasses: false, isQuiet }));
    report(JSON.stringify(results.at(-1)));
  }
  return { sizes: results, queue, objectsPerStore: sizeOf(template), copiesPerSecond };
}

async function main(plan: Parameters<typeof run>[1]): Promise<void> {
  const shop = await serveFakeShop(new FakeMedusa().app);
  const platform = await startBenchPlatform(report, {
    compiled: true,
    durable: false,
    env: {
      INSPECTIONS_PER_SECOND: NO_RATE,
      VERIFICATIONS_PER_SECOND: NO_RATE,
      STORE_PORT: new URL(shop.url).port,
    },
  });
  const api = openApiServer(platform.env['KUBECONFIG'] ?? '');
  const records = new Pool({ connectionString: platform.env['DATABASE_URL'], max: 1 });
  try {
    const worker = await platform.startWorker();
    const { reconcileCluster, verifyStores } = clusterScheduleIdsOf(platform.installation, DEFAULT_CLUSTER);
    for (const id of [reconcileCluster, verifyStores]) await platform.client.schedule.getHandle(id).pause();
    const { storeId } = await platform.create({ engine: 'medusa' });
    const store = await platform.waitForStatus(storeId, 'ready');
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const template = await readTemplate(api, store);
    const result = await run({ platform, api, records, template, worker }, plan);
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
    const text = scaleReport(result);
    process.stdout.write(`${text}\n`);
    if (values.write) await writeMarkedSection(PAGE, 'scale', text);
  } finally {
    await records.end();
    await api.close();
    await platform.stop();
    await shop.stop();
  }
}

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const sizes = values.sizes.split(',').map((text) => number('sizes', text, 2));
  if (sizes.some((size, position) => size <= (sizes[position - 1] ?? 1))) {
    endWithUsage(`--sizes must be ascending; got ${values.sizes}.`, USAGE);
  }
  await main({
    sizes,
    volumes: number('volumes', values.volumes, 0),
    waiting: number('waiting', values.waiting, 101),
    deadlineMs: startedAt + number('minutes', values.minutes, 1) * 60_000,
  });
}
