import { randomUUID } from 'node:crypto';
import { createStoreService, type StoreService } from '../../api/stores/service.ts';
import { openDb } from '../../db/connection/open-db.ts';
import { createStores } from '../../db/index.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { createStoreOperations } from '../../temporal/store-operations.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { startBenchPlatform, type BenchPlatform } from '../platform.ts';
import { milliseconds, ratioFinding, type CaseReport } from '../report.ts';
import { medianOf, pairedRatio } from '../statistics.ts';

const log = createLogger({ service: 'api', level: 'silent' });
const DEADLINE_MS = 600_000;
/** Pause between the requests of the small tenants. */
const PAUSE_MS = 200;

interface Size {
  /** Stores that one tenant creates at the same time. */
  readonly queue: number;
  /** Tenants that create one store each immediately afterwards. */
  readonly small: number;
}

/**
 * Measures how long the first store of a tenant takes while another tenant has a queue of stores. Compares the platform with a
 * platform without tenant slots and without Temporal fairness keys. One worker, simulated nodes.
 */
export async function fairness(quick: boolean, report: (message: string) => void): Promise<CaseReport> {
  const size = quick ? { queue: 20, small: 3 } : { queue: 100, small: 9 };
  const fair = await measure(true, size, report);
  const unfair = await measure(false, size, report);
  const pairs = fair.map((wait, position) => ({ platform: wait, baseline: unfair[position] ?? Number.NaN }));
  return {
    findings: [
      ratioFinding({
        measurement: `first store of a tenant while another tenant has ${size.queue} queued stores: request to ready, median of ${size.small}`,
        platform: milliseconds(medianOf(pairs, 'platform')),
        baseline: `without tenant slots and fairness keys: ${milliseconds(medianOf(pairs, 'baseline'))}`,
        ratio: pairedRatio(pairs, Math.random),
        target: 0.2,
      }),
    ],
  };
}

async function measure(isFair: boolean, size: Size, report: (message: string) => void): Promise<readonly number[]> {
  const platform = await startBenchPlatform(report, { fairness: isFair });
  const database = openDb({
    databaseUrl: platform.env['DATABASE_URL'] ?? '',
    poolSize: 4,
    applicationName: 'bench',
    log,
  });
  try {
    await platform.startWorker(isFair ? {} : { MAX_RUNNING_PER_TENANT: '10000' });
    return await timesWhileQueued(serviceOn(platform, createStores(database.db)), size);
  } finally {
    await database.close();
    await platform.stop();
  }
}

/** Returns the service behind the routes of the API. Over HTTP all callers are one tenant, because authentication is off. */
function serviceOn(platform: BenchPlatform, records: ReturnType<typeof createStores>): StoreService {
  const { installation } = platform;
  return createStoreService({
    records,
    installation,
    operations: createStoreOperations(platform.client, installation),
    addresses: { scheme: 'http', domain: 'localhost', port: 80 },
    webUi: { url: platform.env['TEMPORAL_UI_URL'] ?? '', namespace: 'default' },
    maxStores: 1_000,
    now: () => new Date(),
  });
}

async function timesWhileQueued(stores: StoreService, { queue, small }: Size): Promise<readonly number[]> {
  await Promise.all(Array.from({ length: queue }, () => createFor(stores, 'big-tenant')));
  const waits: Promise<number>[] = [];
  for (let tenant = 0; tenant < small; tenant += 1) {
    waits.push(timeToReady(stores, `small-tenant-${tenant}`));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return Promise.all(waits);
}

async function timeToReady(stores: StoreService, tenantId: string): Promise<number> {
  const startedAt = performance.now();
  const { request, id } = await createFor(stores, tenantId);
  await eventually(async () => (await stores.get(request, id)).status === 'ready', {
    deadlineMs: DEADLINE_MS,
    intervalMs: 100,
  });
  return performance.now() - startedAt;
}

async function createFor(stores: StoreService, tenantId: string) {
  const request = { caller: { actor: 'bench', tenantId }, correlationId: randomUUID(), log };
  const body = { name: 'Acme Shoes', engine: 'woocommerce', onFailure: 'cleanup' } as const;
  const { store } = await stores.create(request, { idempotencyKey: randomUUID(), body });
  return { request, id: store.id };
}
