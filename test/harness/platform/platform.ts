import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../../activities/index.ts';
import type { ReconcileDependencies } from '../../../activities/reconcile/index.ts';
import { createApp } from '../../../api/app.ts';
import { createTenancy } from '../../../api/tenants/create-tenancy.ts';
import { createTenancyRecords } from '../../../db/tenancy/index.ts';
import { noAuthentication } from '../../../api/auth/authenticator.ts';
import { createEventHub } from '../../../api/events/hub.ts';
import { createLiveProgress } from '../../../api/events/live.ts';
import { createHealth } from '../../../api/health/health.ts';
import { listen, type RunningServer } from '../../../api/server.ts';
import { createStoreService } from '../../../api/stores/service.ts';
import { openWebhookService } from '../../../api/webhooks/open.ts';
import { installationOf } from '../../../db/connection/installation.ts';
import { listenForChanges } from '../../../db/connection/listener.ts';
import { openDb } from '../../../db/connection/open-db.ts';
import { createPeopleRecords } from '../../../db/identity/people.ts';
import { createOrphanRecords } from '../../../db/reconcile/orphans.ts';
import { createPassPositions } from '../../../db/reconcile/pass-positions.ts';
import { createVerificationRecords } from '../../../db/reconcile/verification.ts';
import { createRetentionRecords } from '../../../db/reconcile/retention.ts';
import { createRemovalRecords } from '../../../db/reconcile/removals.ts';
import { createUnaccountedRecords } from '../../../db/reconcile/unaccounted.ts';
import { createReconcileRecords } from '../../../db/reconcile/reconcile-records.ts';
import { createConditionRecords } from '../../../db/stores/conditions.ts';
import { createClusterRecords } from '../../../db/clusters/cluster-records.ts';
import { createStatisticsRecords } from '../../../db/statistics/statistics.ts';
import { createAdminRecords } from '../../../db/admin/admin-records.ts';
import { createAuditRecords } from '../../../db/audit/audit-records.ts';
import { createQuotaRecords } from '../../../db/stores/quota-records.ts';
import { createStores, type Stores } from '../../../db/index.ts';
import { DEFAULT_CLUSTER } from '../../../domain/names.ts';
import type { StoreEvent } from '../../../domain/store/store.ts';
import type { StoreStatus } from '../../../domain/store/status.ts';
import { createLogger } from '../../../telemetry/logger.ts';
import { createRunProgressReader } from '../../../temporal/run-progress.ts';
import { createScheduleControl } from '../../../temporal/schedule-control.ts';
import { createStoreOperations } from '../../../temporal/store-operations.ts';
import { createWorkers, type WorkerSettings } from '../../../worker/create-workers.ts';
import { installRuntime } from '../../../worker/runtime.ts';
import { testIdentification } from './identification.ts';
import { FakeClusterReconciler } from '../../fakes/fake-cluster-reconciler.ts';
import { closeAll } from '../close-all.ts';
import { createDatabase, eventually, testStack } from '../stack/stack.ts';
import { createTemporalNamespace, openTemporalNamespace } from '../stack/temporal-namespace.ts';
import { openTestWebhooks, testWebhookSettings } from './webhooks.ts';
import type { ClusterActivities } from '../../../domain/ports/cluster.ts';
import type { StoreOperations } from '../../../domain/ports/store-operations.ts';
import type { CreateStoreBody, Store } from '../../../api/contract/store.ts';

/** Workers that a test can stop before the platform. */
export interface RunningWorkers {
  stop(): Promise<void>;
}

/** The whole platform in the test's own process: API, records, Temporal client and worker. The test chooses the cluster. */
export interface TestPlatform {
  readonly client: Client;
  readonly namespace: string;
  readonly installation: string;
  readonly databaseUrl: string;
  readonly stores: Stores;
  readonly operations: StoreOperations;
  /** Starts workers of a worker version; without one, workers that have no version. */
  startWorkers(deployment?: WorkerSettings['deployment']): Promise<RunningWorkers>;
  /** Serves the API on a port, by default on a free one. */
  serve(port?: number): Promise<RunningServer>;
  request(method: string, path: string, init?: { body?: unknown; key?: string }): Promise<Response>;
  create(input?: { key?: string } & Partial<CreateStoreBody>): Promise<Store>;
  get(storeId: string): Promise<Store>;
  events(storeId: string): Promise<readonly StoreEvent[]>;
  /** Waits until no operation runs on the store and its status is one of `statuses`. */
  settled(storeId: string, ...statuses: readonly StoreStatus[]): Promise<Store>;
  stop(): Promise<void>;
}

/** Postgres and Temporal of the test's own. */
export interface PlatformServers {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
}

const keep = async (): Promise<void> => undefined;
const silent = createLogger({ service: 'worker', level: 'silent' });

export async function startPlatform(options: {
  readonly cluster: ClusterActivities;
  /** False: no worker runs. Requests are recorded and their workflows started, but no task is processed. */
  readonly worker?: boolean;
  readonly maxStores?: number;
  /** Connections to the database. Default: 20. */
  readonly poolSize?: number;
  /** The cluster that the reconciler sees, and its limits. By default it finds no drift and no orphan. */
  readonly reconciler?: Partial<
    Pick<ReconcileDependencies, 'cluster' | 'driftPolicy' | 'orphanGraceSeconds' | 'maxOrphanRemovals'>
  >;
  /** Seconds until the hold of a provision expires. Default: one day. */
  readonly holdSeconds?: number;
  /** Servers that already have the database and the Temporal namespace. Default: those of the stack, with new ones. */
  readonly servers?: PlatformServers;
  /** The time of the platform. Default: that of the machine. */
  readonly now?: () => Date;
  /** Number of concurrent activities that read the cluster or wait. Default: 100. */
  readonly watchSlots?: number;
  /** Number of provisions of one tenant that may run at the same time. Default: no limit. */
  readonly maxRunning?: number;
  /** Sends webhooks, also to loopback. Default: webhooks are off. */
  readonly webhooks?: { readonly retryDelaysMs: readonly number[] };
}): Promise<TestPlatform> {
  const { poolSize = 20, servers, now = () => new Date() } = options;
  const database = servers === undefined ? await createDatabase() : { url: servers.databaseUrl, drop: keep };
  installRuntime(silent);
  const opened = openDb({ databaseUrl: database.url, poolSize, applicationName: 'test', log: silent });
  const temporal = servers === undefined ? await createTemporalNamespace() : await openTemporalNamespace(servers);
  const { client, namespace } = temporal;
  const installation = await installationOf(opened.db);
  const stores = createStores(opened.db);
  const operations = createStoreOperations(client, installation);
  const reconciler = createReconcileRecords(opened.db);
  const orphans = createOrphanRecords(opened.db);
  const positions = createPassPositions(opened.db);
  const unaccounted = createUnaccountedRecords(opened.db);
  const removals = createRemovalRecords(opened.db);
  const maxOrphanRemovals = options.reconciler?.maxOrphanRemovals ?? 5;
  const webUi = { url: testStack().TEMPORAL_UI_URL, namespace };
  const hub = createEventHub();
  const listener = listenForChanges({
    databaseUrl: database.url,
    applicationName: 'test',
    onChange: hub.changed,
    onGap: hub.wakeAll,
    log: silent,
  });
  const app = createApp({
    live: createLiveProgress({ hub, records: stores, maxStreams: 1_000, now }),
    stores: createStoreService({
      records: stores,
      operations,
      installation,
      addresses: { scheme: 'http', domain: 'localhost', port: 80 },
      webUi,
      maxStores: options.maxStores ?? 1_000,
      now,
    }),
    orphans: { orphans, maxRemovals: maxOrphanRemovals, now },
    admin: {
      unaccounted,
      removals,
      operations,
      records: createAdminRecords(opened.db),
      clusters: createClusterRecords(opened.db),
      statistics: createStatisticsRecords(opened.db),
      schedules: createScheduleControl(client, installation),
      now,
    },
    tenancy: createTenancy(createTenancyRecords(opened.db)),
    webhooks: options.webhooks === undefined ? undefined : openWebhookService(testWebhookSettings, opened.db),
    auditLog: createAuditRecords(opened.db),
    quotas: createQuotaRecords(opened.db, {
      maxStores: options.maxStores ?? 1_000,
      maxRunning: options.maxRunning ?? 1_000,
    }),
    health: createHealth({
      required: { database: () => opened.ping() },
      optional: { temporal: () => operations.ping() },
    }),
    webUi,
    identification: testIdentification({ people: createPeopleRecords(opened) }),
    authenticators: [noAuthentication],
    log: silent,
  });

  const webhooks =
    options.webhooks === undefined
      ? undefined
      : await openTestWebhooks({ databaseUrl: database.url, client, installation, log: silent, ...options.webhooks });
  const connection = await NativeConnection.connect({
    address: servers?.temporalAddress ?? testStack().TEMPORAL_ADDRESS,
  });
  const startWorkers = async (deployment?: WorkerSettings['deployment']): Promise<RunningWorkers> => {
    const workers = await createWorkers({
      connection,
      namespace,
      installation,
      cluster: DEFAULT_CLUSTER,
      workflowBundle: { codePath: testStack().WORKFLOW_BUNDLE },
      activities: createActivities({
        cluster: options.cluster,
        records: {
          stores,
          now,
          ...(options.holdSeconds === undefined ? {} : { holdSeconds: options.holdSeconds }),
          maxRunning: options.maxRunning,
        },
        lostRuns: {
          unstarted: stores,
          running: reconciler,
          operations,
          progress: createRunProgressReader(client, installation),
          conditions: createConditionRecords(opened.db),
          now,
        },
        verifications: { ...createVerificationRecords(opened.db), positions, storesPerSecond: 1_000, now },
        retention: { ...createRetentionRecords(opened.db), recordRetentionDays: 90, auditRetentionDays: 365, now },
        reconciler: {
          cluster: new FakeClusterReconciler(),
          stores: reconciler,
          orphans,
          unaccounted,
          removals,
          operations,
          driftPolicy: 'repair',
          positions,
          inspectionPace: { storesPerSecond: 1_000 },
          orphanGraceSeconds: 3_600,
          maxOrphanRemovals,
          now,
          ...options.reconciler,
        },
        webhooks: webhooks?.activities,
      }),
      databaseConnections: poolSize,
      clusterSlots: 16,
      watchSlots: options.watchSlots ?? 100,
      clusterTasksPerSecond: 1_000,
      shutdownGraceMs: 2_000,
      deployment,
    });
    const running = Promise.all(workers.map((worker) => worker.run()));
    return {
      stop: async () => {
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
      },
    };
  };
  const started: RunningWorkers[] = options.worker === false ? [] : [await startWorkers()];

  async function request(method: string, path: string, init: { body?: unknown; key?: string } = {}) {
    return app.request(path, {
      method,
      headers: {
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(init.key === undefined ? {} : { 'idempotency-key': init.key }),
      },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
  }

  async function json<T>(method: string, path: string, init?: { body?: unknown; key?: string }): Promise<T> {
    const response = await request(method, path, init);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  const get = (storeId: string) => json<Store>('GET', `/api/stores/${storeId}`);

  return {
    client,
    namespace,
    installation,
    databaseUrl: database.url,
    stores,
    operations,
    startWorkers: async (deployment) => {
      const workers = await startWorkers(deployment);
      started.push(workers);
      return workers;
    },
    serve: (port = 0) => listen(app, { host: '127.0.0.1', port }),
    request,
    create: ({ name = 'Acme Shoes', engine = 'woocommerce', key = randomUUID(), ...body } = {}) =>
      json('POST', '/api/stores', { body: { name, engine, ...body }, key }),
    get,
    events: async (storeId) =>
      (await json<{ data: StoreEvent[] }>('GET', `/api/stores/${storeId}/events?limit=1000`)).data,
    settled: (storeId, ...statuses) =>
      eventually(
        async () => {
          const store = await get(storeId);
          if (store.operation === null && statuses.includes(store.status)) return store;
          const { status, operation, failure } = store;
          throw new Error(`the store is ${status}: ${JSON.stringify({ operation, failure })}`);
        },
        { deadlineMs: 60_000 },
      ),
    stop: async () => {
      webhooks?.stopDispatching();
      await closeAll(
        () => Promise.all(started.map((workers) => workers.stop())),
        () => webhooks?.close(),
        () => connection.close(),
        () => temporal.close(),
        async () => hub.shutDown(),
        () => listener.close(),
        () => opened.close(),
        () => database.drop(),
      );
    },
  };
}
