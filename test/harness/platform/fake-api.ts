import type { AdminRoutes } from '../../../api/admin/routes.ts';
import type { CredentialReader } from '../../../domain/ports/credential-reader.ts';
import type { Statistics } from '../../../domain/ports/statistics-records.ts';
import { bucketStarts, storesOverTime, type BucketedRange } from '../../../domain/statistics.ts';
import type { RemovalState } from '../../../domain/removals.ts';
import type { SeenOrphan } from '../../../domain/orphans.ts';
import type { SeenUnaccounted } from '../../../domain/unaccounted.ts';
import { createApp } from '../../../api/app.ts';
import { createTenancy } from '../../../api/tenants/create-tenancy.ts';
import type { TenancyRecords } from '../../../domain/ports/tenancy-records.ts';
import type { Authenticator } from '../../../api/auth/authenticator.ts';
import type { IdentityOptions } from '../../../api/identity/identity.ts';
import type { DeviceDecisions } from '../../../api/pages/device.ts';
import type { RequestObserver } from '../../../api/metrics/request-metrics.ts';
import type { Tracing } from '../../../telemetry/tracing/tracing.ts';
import type { RequestLimits } from '../../../api/limits/request-limits.ts';
import type { StreamTimes } from '../../../api/events/event-stream.ts';
import { createEventHub } from '../../../api/events/hub.ts';
import { createLiveProgress } from '../../../api/events/live.ts';
import { createHealth } from '../../../api/health/health.ts';
import { createStoreService } from '../../../api/stores/service.ts';
import { createLogger } from '../../../telemetry/logger.ts';
import { seenOrphan } from '../../factories/orphan.ts';
import { unaccountedNamespace } from '../../factories/unaccounted.ts';
import { fakeOrphans } from '../../fakes/fake-orphans.ts';
import { FakePeople } from '../../fakes/fake-people.ts';
import { FakeStoreOperations } from '../../fakes/fake-store-operations.ts';
import type { AllStoresQuery } from '../../../db/stores/list.ts';
import { MemorySchedules } from '../../fakes/memory-schedules.ts';
import { MemoryAuditLog } from '../../fakes/memory-audit-log.ts';
import { FakeStoreRequests } from '../../fakes/fake-store-requests.ts';
import { StoreError } from '../../../domain/failure.ts';
import { FakeWebhookRecords } from '../../fakes/fake-webhook-records.ts';
import { testIdentification } from './identification.ts';
import { fakeWebhookService } from './webhooks.ts';
import type { Store } from '../../../api/contract/store.ts';

/** Statistics of an installation without stores. */
async function noStatistics(_scope: string | undefined, range: BucketedRange): Promise<Statistics> {
  return {
    ...range,
    stores: [],
    storesOverTime: storesOverTime(bucketStarts(range), 0, []),
    operations: [],
    failures: [],
    timeToReady: [],
    provisionSteps: [],
  };
}
const NO_OPERATIONS = async () => ({ operations: [], total: 0 });
export const MAX_STORES = 3;
const QUOTA = { stores: { limit: MAX_STORES, used: 1 }, runningOperations: { limit: 10, used: 0 } };
const INSTALLATION = '0b8e5a52-6f0c-4f3e-9d0d-6d1f6a3c2b11';
const WEB_UI = { url: 'http://127.0.0.1:8233', namespace: 'default' };

interface FakeApiOptions {
  readonly authenticators?: readonly Authenticator[];
  /** Replaces options of the authentication. Without `authenticators`, the API uses those of the setting. */
  readonly identity?: Partial<IdentityOptions>;
  readonly devices?: DeviceDecisions;
  readonly allowedOrigins?: readonly string[];
  readonly corsOrigins?: readonly string[];
  readonly trustedProxyHops?: number;
  readonly limits?: RequestLimits;
  /** Counts the requests. */
  readonly requests?: RequestObserver;
  readonly tracing?: Tracing;
  /** The Secrets of the stores, by the names of the clusters. Default: the API has no access to a cluster. */
  readonly secrets?: Readonly<Record<string, CredentialReader>>;
  /** Records of tenants, members and tokens. Every other one fails. */
  readonly tenants?: Partial<TenancyRecords>;
  /** Default: true. */
  readonly hasWebhooks?: boolean;
  /** Makes each write to the audit log fail. */
  readonly auditFault?: Error;
  /** Streams and long polls that a caller may have open at once. Default: 10. */
  readonly maxStreams?: number;
  readonly streamTimes?: Partial<StreamTimes>;
  /** The built dashboard. Default: the one of the repository. */
  readonly dashboardFolder?: string;
}

/** Returns the API over records and operations in memory, and the log lines that the API writes. */
export function fakeApi({
  secrets = {},
  auditFault,
  identity = {},
  tenants = {},
  authenticators,
  maxStreams = 10,
  streamTimes = {},
  hasWebhooks = true,
  ...settings
}: FakeApiOptions = {}) {
  const records = new FakeStoreRequests();
  const hub = createEventHub();
  records.onChange = hub.changed;
  const live = createLiveProgress({ hub, records, maxStreams, times: streamTimes, now: () => new Date() });
  const operations = new FakeStoreOperations();
  const logLines: Record<string, unknown>[] = [];
  const log = createLogger({
    service: 'api',
    level: 'debug',
    traceFields: settings.tracing?.logFields,
    destination: { write: (line) => void logLines.push(JSON.parse(line)) },
  });
  const health = createHealth(
    {
      required: { database: async () => void (await records.get({ tenantId: '', storeId: '' })) },
      optional: { temporal: () => operations.ping() },
    },
    { timeoutMs: 500 },
  );
  const stores = createStoreService({
    records,
    operations,
    installation: INSTALLATION,
    addresses: { scheme: 'http', domain: 'localhost', port: 80 },
    webUi: WEB_UI,
    maxStores: MAX_STORES,
    closingPauseMs: 1,
    now: () => new Date(),
  });
  const orphanList: SeenOrphan[] = [];
  const orphans = { orphans: fakeOrphans(orphanList), maxRemovals: 5, now: () => new Date() };
  const unaccounted: SeenUnaccounted[] = [];
  const removals = { state: 'active', reason: null, since: null } as RemovalState;
  const schedules = new MemorySchedules();
  const admin = {
    unaccounted: fakeUnaccounted(unaccounted),
    removals: { state: async () => removals, confirm: async () => removals },
    operations,
    records: { listStores: (query: AllStoresQuery) => records.list(query), listOperations: NO_OPERATIONS },
    schedules,
    clusters: records.clusters,
    statistics: { statisticsOfTenant: noStatistics, statisticsOfAll: noStatistics },
    now: () => new Date(),
  };
  const webhookRecords = new FakeWebhookRecords();
  const webhooks = hasWebhooks ? fakeWebhookService(webhookRecords) : undefined;
  const auditLog = new MemoryAuditLog();
  auditLog.fault = auditFault;
  const audited = auditLog.entries;
  const credentials = { readers: new Map(Object.entries(secrets)), audit: auditLog };
  const quotas = { quotaOf: async () => QUOTA };
  const people = new FakePeople();
  const identification = testIdentification({ people, audit: auditLog, ...identity });
  const tenancy = createTenancy(tenantsWith(tenants), { hashPassword: async () => 'hash' });
  const parts = { stores, live, orphans, admin, tenancy, credentials, webhooks, auditLog, quotas };
  const common = { ...parts, health, webUi: WEB_UI, identification, log };
  const app = createApp({ ...common, authenticators: authenticators ?? identification.authenticators, ...settings });

  /** Sends a create request. Fields that are not given have the values of a valid request. */
  async function post(
    given: { readonly key?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ) {
    return await app.request('/api/stores', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': given.key ?? 'order-42', ...given.headers },
      body: JSON.stringify(given.body ?? { name: 'Acme Shoes', engine: 'woocommerce' }),
    });
  }

  async function newStore(key = 'order-42'): Promise<Store> {
    return readJson(await post({ key }));
  }

  /** Adds an unaccounted namespace and returns its name. */
  function addUnaccounted(seed: Partial<SeenUnaccounted> = {}): string {
    const entry = unaccountedNamespace(seed);
    unaccounted.push(entry);
    return entry.namespace;
  }

  /** Adds an orphan and returns its UID. */
  function addOrphan(seed: Partial<SeenOrphan> = {}): string {
    const orphan = seenOrphan(seed);
    orphanList.push(orphan);
    return orphan.uid;
  }

  return {
    app,
    hub,
    live,
    people,
    addOrphan,
    addUnaccounted,
    audited,
    schedules,
    records,
    operations,
    webhookRecords,
    health,
    logLines,
    post,
    newStore,
  };
}

/** Returns the body of a response as the type that the test checks next. */
export async function readJson<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

/** The list of unaccounted namespaces in memory. A test adds entries to the array. */
function fakeUnaccounted(entries: SeenUnaccounted[]): AdminRoutes['unaccounted'] {
  return {
    list: async ({ limit, offset }) => ({ entries: entries.slice(offset, offset + limit), total: entries.length }),
    decide: async ({ namespace, decision, now }) => {
      const index = entries.findIndex((entry) => entry.namespace === namespace);
      const entry = entries[index];
      if (entry === undefined) return { kind: 'notFound' };
      if (entry.adoptedAt !== null && decision !== 'adopt') {
        return { kind: 'recorded', storeId: entry.target.storeId };
      }
      const decided = { ...entry, decision, decidedAt: now };
      entries[index] = decided;
      return { kind: 'decided', entry: decided };
    },
  };
}

/** Records of tenants without a database. Stack tests cover the real ones. */
function tenantsWith(given: Partial<TenancyRecords>): TenancyRecords {
  const unavailable = async () => {
    throw new StoreError('DATABASE_UNAVAILABLE', 'The fake API has no records of tenants');
  };
  return new Proxy(given, {
    get: (target, name): unknown => Reflect.get(target, name) ?? unavailable,
  }) as TenancyRecords;
}
