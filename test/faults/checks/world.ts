import { LABELS } from '../../../domain/names.ts';
import type { FailureCode } from '../../../domain/failure.ts';
import type { StoreStatus } from '../../../domain/store/status.ts';
import type { EventType } from '../../../domain/store/store.ts';
import type { FaultEnvironment } from '../environment/environment.ts';
import type { OperationKind, Step } from '../../../domain/operations/catalogue.ts';

export interface StoreFact {
  readonly id: string;
  readonly name: string;
  readonly status: StoreStatus;
  readonly namespace: string;
  readonly release: string;
  readonly operation: OperationKind;
  readonly runId: string | null;
  readonly step: Step | null;
  readonly isBusy: boolean;
  readonly isDeleteRequested: boolean;
  readonly lastSeq: number;
  readonly failureCode: FailureCode | null;
  /** The row as text. The checks search it for secrets. */
  readonly row: string;
}

export interface EventFact {
  readonly storeId: string;
  readonly seq: number;
  readonly type: EventType;
  readonly status: StoreStatus;
  readonly dedupeKey: string | null;
  readonly runId: string | null;
  readonly row: string;
}

export interface RunFact {
  readonly storeId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: string;
  /** The history with its payloads as text. The checks search it for secrets. */
  readonly history: string;
}

/** Everything that Postgres, the cluster and Temporal hold about the stores of a run. */
export interface World {
  readonly stores: readonly StoreFact[];
  readonly events: readonly EventFact[];
  /** Number of stores that are not deleted: as the quota counts them, and by their rows. */
  readonly counted: { readonly quota: number; readonly live: number };
  readonly namespaces: readonly {
    readonly name: string;
    readonly storeId: string | undefined;
    readonly isTerminating: boolean;
  }[];
  readonly volumes: readonly { readonly name: string; readonly namespace: string; readonly isKept: boolean }[];
  readonly releases: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly revision: number;
    readonly status: string;
    readonly content: string;
  }[];
  readonly workloads: readonly { readonly namespace: string; readonly name: string; readonly isReady: boolean }[];
  readonly secrets: readonly { readonly namespace: string; readonly name: string }[];
  readonly runs: readonly RunFact[];
}

/** Connections to the three systems that hold the stores. */
export interface WorldAccess extends Pick<FaultEnvironment, 'db' | 'temporal'> {
  readonly kube: Pick<FaultEnvironment['kube'], 'core' | 'apps'>;
}

/** Reads Postgres, the cluster and Temporal directly, not through a proxy. @throws Error of the client when a service is down. */
export async function readWorld(
  environment: WorldAccess,
  isOfRun: (storeId: string) => boolean,
  options: { readonly histories: boolean },
): Promise<World> {
  const [records, cluster, runs] = await Promise.all([
    readRecords(environment, isOfRun),
    readCluster(environment),
    readRuns(environment, isOfRun, options.histories),
  ]);
  return { ...records, ...cluster, runs };
}

async function readRecords(
  environment: WorldAccess,
  isOfRun: (storeId: string) => boolean,
): Promise<Pick<World, 'stores' | 'events' | 'counted'>> {
  const stores = await environment.db.query<StoreFact>(
    `select s.id, name, s.status, namespace, release_name as release, o.kind as operation, o.run_id as "runId", o.step,
       exists (select from operations where store_id = s.id and ended_at is null and (run_id is not null or kind <> 'delete')) as "isBusy",
       delete_requested_at is not null as "isDeleteRequested", last_seq as "lastSeq", failure_code as "failureCode",
       (to_jsonb(s) || jsonb_build_object('operations',
         (select jsonb_agg(to_jsonb(each)) from operations each where each.store_id = s.id)))::text as row
     from stores s join operations o on o.store_id = s.id and o.is_current`,
  );
  const events = await environment.db.query<EventFact>(
    `select store_id as "storeId", seq, type, status, dedupe_key as "dedupeKey", data->>'runId' as "runId", to_jsonb(e)::text as row
     from store_events e order by store_id, seq`,
  );
  const quota = await environment.db.query<{ total: number }>(
    'select coalesce(sum(live_stores), 0)::int as total from tenant_quotas',
  );
  return {
    stores: stores.rows.filter(({ id }) => isOfRun(id)),
    events: events.rows.filter(({ storeId }) => isOfRun(storeId)),
    counted: {
      quota: quota.rows[0]?.total ?? 0,
      live: stores.rows.filter(({ status }) => status !== 'deleted').length,
    },
  };
}

async function readCluster({
  kube,
}: WorldAccess): Promise<Pick<World, 'namespaces' | 'volumes' | 'releases' | 'workloads' | 'secrets'>> {
  const [namespaces, volumes, secrets, deployments] = await Promise.all([
    kube.core.listNamespace(),
    kube.core.listPersistentVolume(),
    kube.core.listSecretForAllNamespaces(),
    kube.apps.listDeploymentForAllNamespaces(),
  ]);
  return {
    namespaces: namespaces.items
      .filter(
        ({ metadata }) =>
          metadata?.labels?.[LABELS.storeId] !== undefined || metadata?.name?.startsWith('store-') === true,
      )
      .map(({ metadata }) => ({
        name: metadata?.name ?? '',
        storeId: metadata?.labels?.[LABELS.storeId],
        isTerminating: metadata?.deletionTimestamp !== undefined,
      })),
    volumes: volumes.items.map(({ metadata, spec }) => ({
      name: metadata?.name ?? '',
      namespace: spec?.claimRef?.namespace ?? '',
      isKept: spec?.persistentVolumeReclaimPolicy === 'Retain',
    })),
    releases: secrets.items
      .filter(({ type }) => type === 'helm.sh/release.v1')
      .map(({ metadata, data }) => ({
        namespace: metadata?.namespace ?? '',
        name: metadata?.labels?.['name'] ?? '',
        revision: Number(metadata?.labels?.['version']),
        status: metadata?.labels?.['status'] ?? '',
        content: data?.['release'] ?? '',
      })),
    workloads: deployments.items.map(({ metadata, spec, status }) => ({
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      isReady: (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1),
    })),
    secrets: secrets.items
      .filter(({ type }) => type !== 'helm.sh/release.v1')
      .map(({ metadata }) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' })),
  };
}

async function readRuns(
  environment: WorldAccess,
  isOfRun: (storeId: string) => boolean,
  histories: boolean,
): Promise<readonly RunFact[]> {
  const runs: RunFact[] = [];
  for await (const run of environment.temporal.workflow.list({
    query: 'WorkflowType IN ("provisionStore", "deleteStore")',
  })) {
    const storeId = run.workflowId.replace(/^store\//, '');
    if (!isOfRun(storeId)) continue;
    const history = histories ? await historyOf(environment, run.workflowId, run.runId) : '';
    runs.push({ storeId, runId: run.runId, type: run.type, status: run.status.name, history });
  }
  return runs;
}

async function historyOf(environment: WorldAccess, workflowId: string, runId: string): Promise<string> {
  const history = await environment.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return JSON.stringify(history, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
}
