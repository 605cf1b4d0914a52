import type { OperationKind, Step } from '../../../domain/operations/catalogue.ts';
import type { StoreStatus } from '../../../domain/store/status.ts';
import { LABELS } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import type { FaultEnvironment } from '../environment/environment.ts';

/** The record of a store at the time of one poll. */
export interface StoreSnapshot {
  readonly id: string;
  readonly namespace: string;
  readonly status: StoreStatus;
  readonly operation: OperationKind;
  readonly runId: string | null;
  readonly step: Step | null;
  readonly isBusy: boolean;
}

/** A value of a Secret of a store. The checks search for it in places that must not contain secrets. */
export interface SecretSnapshot {
  readonly namespace: string;
  readonly namespaceUid: string;
  readonly key: string;
  readonly value: string;
}

/** Polls Postgres and the cluster directly during a run, and keeps facts that are not visible at its end. */
export interface Watch {
  readonly stores: () => readonly StoreSnapshot[];
  /** Waits for a store with a running operation in this step. Default: any step. @throws Error after 45 s. */
  awaitBusy(step?: Step): Promise<StoreSnapshot>;
  /** Returns the largest number of stores that existed at the same time. */
  readonly mostLive: () => number;
  readonly secrets: () => readonly SecretSnapshot[];
  /** Returns the values that changed while their namespace stayed the same, as `namespace/key`. */
  readonly changedSecrets: () => readonly string[];
  /** Returns the claims of ready stores that were replaced by claims with the same name, as `namespace/name`. */
  readonly changedVolumes: () => readonly string[];
  /** Starts the measurement of recovery. An operation that is running at this moment has recovered when it ends. */
  markHealed(): void;
  /** Returns the seconds from `markHealed` to the end of each operation that was running then. Infinity: it has not ended. */
  readonly recoveries: () => readonly number[];
  stop(): Promise<void>;
}

const STORES_EVERY_MS = 100;
const SECRETS_EVERY_MS = 400;
const BUSY_DEADLINE_MS = 45_000;
/** Shorter values, such as user names, also occur in texts that contain no secret. */
const SECRET_MIN_LENGTH = 16;

/** Starts to poll. Ignores the stores in `known`, which earlier runs created. */
export function startWatch(environment: FaultEnvironment, known: ReadonlySet<string>): Watch {
  let snapshots: readonly StoreSnapshot[] = [];
  let mostLive = 0;
  const secrets = new Map<string, SecretSnapshot>();
  const changed = new Set<string>();
  const claims = new Map<string, string>();
  const changedClaims = new Set<string>();
  let healedAtMs: number | undefined;
  let waitingFor = new Set<string>();
  const recoveries: number[] = [];

  async function readStores(): Promise<void> {
    const { rows } = await environment.db.query<StoreSnapshot>(
      `select s.id, namespace, s.status, o.kind as operation, o.run_id as "runId", o.step,
         exists (select from operations where store_id = s.id and ended_at is null) as "isBusy"
       from stores s join operations o on o.store_id = s.id and o.is_current`,
    );
    mostLive = Math.max(mostLive, rows.filter(({ status }) => status !== 'deleted').length);
    snapshots = rows.filter(({ id }) => !known.has(id));
    if (healedAtMs === undefined) return;
    const busy = new Set(snapshots.filter(({ isBusy }) => isBusy).map(operationKey));
    for (const key of waitingFor) {
      if (busy.has(key)) continue;
      recoveries.push((Date.now() - healedAtMs) / 1_000);
      waitingFor.delete(key);
    }
  }

  async function readSecrets(): Promise<void> {
    const [{ items: namespaces }, { items }] = await Promise.all([
      environment.kube.core.listNamespace({ labelSelector: LABELS.storeId }),
      environment.kube.core.listSecretForAllNamespaces({ labelSelector: LABELS.storeId }),
    ]);
    const uids = new Map(namespaces.map(({ metadata }) => [metadata?.name, metadata?.uid ?? '']));
    for (const { metadata, data } of items) {
      const namespace = metadata?.namespace ?? '';
      const namespaceUid = uids.get(namespace);
      if (namespaceUid === undefined) continue;
      for (const [key, encoded] of Object.entries(data ?? {})) {
        const value = Buffer.from(encoded, 'base64').toString('utf8');
        const earlier = secrets.get(`${namespaceUid}/${key}`);
        if (earlier !== undefined && earlier.value !== value) changed.add(`${namespace}/${key}`);
        if (value.length >= SECRET_MIN_LENGTH)
          secrets.set(`${namespaceUid}/${key}`, { namespace, namespaceUid, key, value });
      }
    }
  }

  async function readVolumeClaims(): Promise<void> {
    // Only the claims of ready stores: before that, a cleanup between two attempts may recreate a claim.
    const ready = new Set(
      snapshots.filter(({ status, isBusy }) => status === 'ready' && !isBusy).map(({ namespace }) => namespace),
    );
    const { items } = await environment.kube.core.listPersistentVolumeClaimForAllNamespaces();
    for (const { metadata } of items) {
      const { namespace = '', name = '', uid = '' } = metadata ?? {};
      const claim = `${namespace}/${name}`;
      const before = claims.get(claim);
      if (before !== undefined && before !== uid && ready.has(namespace)) changedClaims.add(claim);
      if (ready.has(namespace)) claims.set(claim, uid);
    }
  }

  const loops = [
    repeat(readVolumeClaims, SECRETS_EVERY_MS),
    repeat(readStores, STORES_EVERY_MS),
    repeat(readSecrets, SECRETS_EVERY_MS),
  ];

  return {
    stores: () => snapshots,
    awaitBusy: (step) =>
      eventually(
        () =>
          snapshots.find(
            ({ isBusy, runId, step: now }) => isBusy && runId !== null && (step === undefined || now === step),
          ),
        { deadlineMs: BUSY_DEADLINE_MS, intervalMs: 20 },
      ),
    mostLive: () => mostLive,
    secrets: () => [...secrets.values()],
    changedSecrets: () => [...changed],
    changedVolumes: () => [...changedClaims],
    markHealed: () => {
      healedAtMs = Date.now();
      waitingFor = new Set(snapshots.filter(({ isBusy }) => isBusy).map(operationKey));
    },
    recoveries: () => [...recoveries, ...[...waitingFor].map(() => Infinity)],
    stop: async () => {
      for (const loop of loops) await loop.stop();
    },
  };
}

/** Includes the kind, because a delete that follows a provision can have the same run id. */
function operationKey({ id, operation, runId }: StoreSnapshot): string {
  return `${id} ${operation} ${runId}`;
}

/** Calls `poll` periodically. Ignores its errors, because a fault may have stopped the service. */
function repeat(poll: () => Promise<void>, everyMs: number): { stop(): Promise<void> } {
  const stopping = new AbortController();
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await poll().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
