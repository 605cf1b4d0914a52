import type { OperationKind, Step, StoreStatus } from '../../../domain/store/status.ts';
import { LABELS } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import type { FaultEnvironment } from '../environment/environment.ts';

/** A store as the database had it at one look. */
export interface StoreGlance {
  readonly id: string;
  readonly namespace: string;
  readonly status: StoreStatus;
  readonly operation: OperationKind;
  readonly runId: string | null;
  readonly step: Step | null;
  readonly isBusy: boolean;
}

/** A store's own Secret as it was first seen. Its values are kept to look for them where they must not be. */
export interface SecretGlance {
  readonly namespace: string;
  readonly namespaceUid: string;
  readonly key: string;
  readonly value: string;
}

/** Looks at Postgres and the cluster all along, past the API, and remembers what the end does not show any more. */
export interface Watch {
  readonly stores: () => readonly StoreGlance[];
  /** Waits for a store that is in this step, or in any when none is named. */
  awaitBusy(step?: Step): Promise<StoreGlance>;
  /** Most stores that were there at once. */
  readonly mostLive: () => number;
  readonly secrets: () => readonly SecretGlance[];
  /** Values that changed although their namespace was the same, as `namespace/key`. */
  readonly changedSecrets: () => readonly string[];
  /** Claims that were replaced by others of the same name in the same namespace, as `namespace/name`. */
  readonly changedVolumes: () => readonly string[];
  /** Begins to measure: what is busy at that moment has recovered when that operation has ended. */
  markHealed(): void;
  /** Seconds from the mark to the end of each operation that was busy then. Infinity for those that did not end. */
  readonly recoveries: () => readonly number[];
  stop(): Promise<void>;
}

const STORES_EVERY_MS = 100;
const SECRETS_EVERY_MS = 400;
const BUSY_DEADLINE_MS = 45_000;
/** Shorter ones, such as user names, occur in honest texts as well. */
const SECRET_MIN_LENGTH = 16;

/** Watches the stores that are not `known` already. */
export function startWatch(environment: FaultEnvironment, known: ReadonlySet<string>): Watch {
  let glances: readonly StoreGlance[] = [];
  let mostLive = 0;
  const secrets = new Map<string, SecretGlance>();
  const changed = new Set<string>();
  const claims = new Map<string, string>();
  const changedClaims = new Set<string>();
  let healedAtMs: number | undefined;
  let waitingFor = new Set<string>();
  const recoveries: number[] = [];

  async function glance(): Promise<void> {
    const { rows } = await environment.db.query<StoreGlance>(
      `select id, namespace, status, operation_kind as operation, operation_run_id as "runId", operation_step as step,
         (operation_ended_at is null or (delete_requested_at is not null and status not in ('deleted', 'failed'))) as "isBusy"
       from stores`,
    );
    mostLive = Math.max(mostLive, rows.filter(({ status }) => status !== 'deleted').length);
    glances = rows.filter(({ id }) => !known.has(id));
    if (healedAtMs === undefined) return;
    const busy = new Set(glances.filter(({ isBusy }) => isBusy).map(operationKey));
    for (const key of waitingFor) {
      if (busy.has(key)) continue;
      recoveries.push((Date.now() - healedAtMs) / 1_000);
      waitingFor.delete(key);
    }
  }

  async function glanceAtSecrets(): Promise<void> {
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
        const seen = secrets.get(`${namespaceUid}/${key}`);
        if (seen !== undefined && seen.value !== value) changed.add(`${namespace}/${key}`);
        if (value.length >= SECRET_MIN_LENGTH)
          secrets.set(`${namespaceUid}/${key}`, { namespace, namespaceUid, key, value });
      }
    }
  }

  async function glanceAtClaims(): Promise<void> {
    // Claims of stores that are ready: before that a clean-up between two attempts may well make them anew.
    const ready = new Set(
      glances.filter(({ status, isBusy }) => status === 'ready' && !isBusy).map(({ namespace }) => namespace),
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
    repeat(glanceAtClaims, SECRETS_EVERY_MS),
    repeat(glance, STORES_EVERY_MS),
    repeat(glanceAtSecrets, SECRETS_EVERY_MS),
  ];

  return {
    stores: () => glances,
    awaitBusy: (step) =>
      eventually(
        () =>
          glances.find(
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
      waitingFor = new Set(glances.filter(({ isBusy }) => isBusy).map(operationKey));
    },
    recoveries: () => [...recoveries, ...[...waitingFor].map(() => Infinity)],
    stop: async () => {
      for (const loop of loops) await loop.stop();
    },
  };
}

/** A provision that a delete follows under the same run id is another operation. */
function operationKey({ id, operation, runId }: StoreGlance): string {
  return `${id} ${operation} ${runId}`;
}

/** Calls `look` again and again; what it looks at may be away. */
function repeat(look: () => Promise<void>, everyMs: number): { stop(): Promise<void> } {
  const stopping = new AbortController();
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch(() => undefined);
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
