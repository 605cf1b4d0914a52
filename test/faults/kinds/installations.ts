import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { migrateDatabase } from '../../../db/connection/migrate.ts';
import { DEFAULT_CLUSTER, taskQueuesOf } from '../../../domain/names.ts';
import { readInstallation } from '../../harness/platform/installation.ts';
import { eventually } from '../../harness/eventually.ts';
import { backUpTables } from '../../harness/stack/table-backup.ts';
import { violation, type Invariant, type Violation } from '../checks/violation.ts';
import { openApiSlot } from '../environment/api-slot.ts';
import type { FaultEnvironment } from '../environment/environment.ts';
import { startManaged } from '../environment/managed-process.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import { openClient, type StoreClient } from '../traffic/client.ts';
import { openHistory } from '../traffic/history.ts';
import type { reconcileCluster } from '../../../workflows/index.ts';
import type { Store } from '../../../api/contract/store.ts';

/** With it, a pass removes every removable orphan that it finds, however many there are. */
const NO_GRACE = { ORPHAN_GRACE_SECONDS: '0', ORPHAN_MAX_REMOVALS: '100' };
const DEADLINE_MS = 120_000;

/** Runs one pass of the reconciler over the cluster and waits for its end. */
async function pass(environment: FaultEnvironment, installation = environment.installation): Promise<void> {
  await environment.temporal.workflow.execute<typeof reconcileCluster>('reconcileCluster', {
    workflowId: `pass-${randomUUID()}`,
    taskQueue: taskQueuesOf(installation).control,
    args: [{ cluster: DEFAULT_CLUSTER }],
    workflowRunTimeout: DEADLINE_MS,
  });
}

async function readyStores(client: StoreClient, keys: readonly string[]): Promise<readonly Store[]> {
  return Promise.all(
    keys.map(async (key, index) => {
      await client.create({ key, name: `Shop ${key}`, engine: index % 2 === 0 ? 'woocommerce' : 'medusa' });
      const store = await client.waitUntilIdle(client.storeIdOfKey(key));
      if (store?.status !== 'ready') throw new Error(`the store with the key ${key} did not become ready`);
      return store;
    }),
  );
}

/** Returns the objects of a store that hold its data, as text: they differ when the store was removed or changed. */
async function dataOf({ kube }: FaultEnvironment, { namespace }: Pick<Store, 'namespace'>): Promise<string> {
  const [namespaces, claims, secrets] = await Promise.all([
    kube.core.listNamespace({ fieldSelector: `metadata.name=${namespace}` }),
    kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
    kube.core.listNamespacedSecret({ namespace, fieldSelector: 'type=Opaque' }),
  ]);
  return JSON.stringify([
    namespaces.items.map(({ metadata }) => [metadata?.uid, metadata?.deletionTimestamp, metadata?.labels]),
    claims.items.map(({ metadata, spec }) => [metadata?.name, metadata?.uid, spec?.volumeName]),
    secrets.items.map(({ metadata }) => [metadata?.name, metadata?.uid, metadata?.resourceVersion]),
  ]);
}

/** Returns a violation for each store whose data is not what it was. */
async function checkData(
  environment: FaultEnvironment,
  stores: readonly Store[],
  {
    before,
    invariant,
    when,
  }: { readonly before: readonly string[]; readonly invariant: Invariant; readonly when: string },
): Promise<Violation[]> {
  const after = await Promise.all(stores.map((store) => dataOf(environment, store)));
  return stores.flatMap(({ storeId }, index) =>
    after[index] === before[index] ? [] : [violation(invariant, `the objects of ${storeId} were changed ${when}`)],
  );
}

async function post(environment: FaultEnvironment, path: string): Promise<number> {
  const response = await fetch(`${environment.api.url}${path}`, { method: 'POST' });
  await response.body?.cancel();
  return response.status;
}

async function restartWorkers({ environment }: FaultContext): Promise<void> {
  for (const worker of environment.workers) {
    await worker.kill('SIGTERM');
    await worker.start({ env: NO_GRACE });
  }
}

const LOST = 4;

const restoredDatabase: FaultKind = {
  kind: 'restored-database',
  title: `The database is restored to a backup that does not have the ${LOST} newest stores; grace period 0`,
  traffic: { clients: 0 },
  setUp: restartWorkers,
  inject: async (context) => {
    const { environment, client, runName, markHealed } = context;
    await readyStores(client, [`${runName}-before`]);
    await pass(environment);
    const backup = await backUpTables(environment.db);
    const keys = Array.from({ length: LOST }, (_, index) => `${runName}-lost-${index}`);
    const lost = await readyStores(client, keys);
    await pass(environment);
    const before = await Promise.all(lost.map((store) => dataOf(environment, store)));
    await backup.restore();
    await backup.drop();
    for (let passes = 0; passes < 3; passes += 1) await pass(environment);
    const found = await checkData(environment, lost, { before, invariant: 'I10', when: 'after the restore' });
    const { rows } = await environment.db.query('select from removals where paused_since is not null');
    if (rows.length !== 1) found.push(violation('I10', 'the restore of the database did not pause removals'));

    markHealed();
    for (const { namespace, storeId } of lost) {
      const status = await post(environment, `/api/admin/unaccounted/${namespace}/adopt`);
      if (status !== 202) found.push(violation('I3', `the adoption of ${storeId} was answered with ${status}`));
    }
    await post(environment, '/api/admin/removals/resume');
    await pass(environment);
    const readBack = await eventually(
      async () => {
        const stores = await Promise.all(lost.map(({ storeId }) => client.waitUntilIdle(storeId)));
        return stores.every((store) => store?.status === 'ready') && stores;
      },
      { deadlineMs: DEADLINE_MS, intervalMs: 500 },
    ).catch(() => undefined);
    if (readBack === undefined) found.push(violation('I3', 'not every adopted store became ready'));
    await pass(environment);
    return [
      ...found,
      ...(await checkData(environment, lost, { before, invariant: 'I10', when: 'after removals were resumed' })),
    ];
  },
};

/** Another installation on the same cluster and in the same Temporal namespace, with its own database. */
interface SecondInstallation {
  readonly id: string;
  readonly client: StoreClient;
  stop(): Promise<void>;
}

async function startSecond(environment: FaultEnvironment): Promise<SecondInstallation> {
  const name = `second_${Date.now().toString(36)}`;
  await environment.db.query(`create database ${name}`);
  const url = new URL(environment.env['DATABASE_URL'] ?? '');
  const ports = {
    postgres: Number(url.port),
    temporal: Number(environment.env['TEMPORAL_ADDRESS']?.split(':')[1]),
  };
  url.pathname = `/${name}`;
  await migrateDatabase(url.href);
  const env = { ...environment.env, ...NO_GRACE, DATABASE_URL: url.href };
  const api = await openApiSlot({ env, logs: environment.logs, ports });
  await api.start();
  const worker = await startManaged({
    kind: 'worker',
    env: { ...env, WORKER_HEALTH_PORT: '0' },
    logFile: join(environment.logs, 'worker-second.log'),
    readyText: 'worker is polling',
  });
  const id = await readInstallation(url.href);
  const client = openClient({
    url: api.url,
    installation: id,
    history: openHistory(),
    deadlineMs: () => Date.now() + DEADLINE_MS,
  });
  return {
    id,
    client,
    stop: async () => {
      await worker.kill('SIGTERM');
      await api.close();
      await environment.db.query(`drop database ${name} with (force)`);
    },
  };
}

const PAIRS = 4;

const secondInstallation: FaultKind = {
  kind: 'second-installation',
  title:
    'A second installation on the same cluster and Temporal namespace uses the same keys and names; grace period 0',
  traffic: { clients: 0 },
  setUp: restartWorkers,
  inject: async (context) => {
    const { environment, client, runName, markHealed } = context;
    const second = await startSecond(environment);
    try {
      const keys = Array.from({ length: PAIRS }, (_, index) => `${runName}-same-${index}`);
      const [ours, theirs] = await Promise.all([readyStores(client, keys), readyStores(second.client, keys)]);
      const [oursBefore, theirsBefore] = await Promise.all(
        [ours, theirs].map((stores) => Promise.all(stores.map((store) => dataOf(environment, store)))),
      );
      markHealed();
      // Each installation deletes the stores whose twins the other one keeps.
      const half = PAIRS / 2;
      await deleteAll(client, ours.slice(half));
      await deleteAll(second.client, theirs.slice(0, half));
      for (const id of [environment.installation, second.id, environment.installation]) await pass(environment, id);
      const when = 'by the other installation';
      const found = [
        ...(await checkData(environment, ours.slice(0, half), {
          before: oursBefore?.slice(0, half) ?? [],
          invariant: 'I11',
          when,
        })),
        ...(await checkData(environment, theirs.slice(half), {
          before: theirsBefore?.slice(half) ?? [],
          invariant: 'I11',
          when,
        })),
      ];
      // The checks of the run know the stores of the first installation only.
      await deleteAll(second.client, theirs.slice(half));
      return found;
    } finally {
      await second.stop();
    }
  },
};

async function deleteAll(client: StoreClient, stores: readonly Store[]): Promise<void> {
  await Promise.all(
    stores.map(async ({ storeId }) => {
      await client.request(storeId, 'delete');
      const deleted = await client.waitUntilIdle(storeId);
      if (deleted?.status !== 'deleted')
        throw new Error(`${storeId} has the status ${deleted?.status} after its delete`);
    }),
  );
}

export const INSTALLATION_KINDS: readonly FaultKind[] = [restoredDatabase, secondInstallation];
