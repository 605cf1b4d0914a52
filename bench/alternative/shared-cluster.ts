import type { Pool } from 'pg';
import type { ClusterActivities } from '../../activities/cluster-activities.ts';
import { StoreError } from '../../domain/failure.ts';
import type { StoreTarget } from '../../domain/operations.ts';

/** What a provision asks of the cluster. */
export type ProvisionCluster = Pick<
  ClusterActivities,
  | 'ensureNamespace'
  | 'ensureSecrets'
  | 'ensureRelease'
  | 'awaitReady'
  | 'verifyStore'
  | 'deleteRelease'
  | 'deleteNamespace'
  | 'awaitAbsence'
>;

/** What a provision makes. The platform's secrets are gone with their namespace, so are these. */
const KINDS = ['Namespace', 'Secret', 'Release'] as const;
type Kind = (typeof KINDS)[number];

/** Names that decide how a provision of that store goes; the rest of a name is free. */
export const STORE_NAMES = { goesWell: 'Acme', isRefused: 'Refused', isWaitedFor: 'Waiting' } as const;

/** Longer than any cancel takes to arrive: a wait that lasts to its end is a failed case. */
const WAIT_MS = 60_000;
const WAIT_STEP_MS = 50;

const SCHEMA = `
  create table shared_objects (
    namespace text not null, kind text not null, store_id uuid not null, primary key (namespace, kind)
  );
  create table shared_changes (
    position bigint generated always as identity primary key, namespace text not null, change text not null
  )`;

/** Makes the tables of an empty cluster. */
export async function makeSharedCluster(pool: Pool): Promise<void> {
  await pool.query(SCHEMA);
}

/**
 * A cluster that outlives the processes which use it: its objects are rows, each call takes `delayMs` and then has its
 * effect in one statement. What really changed is written down, so a thing that is made twice shows.
 * `pause` waits, and throws when the attempt is cancelled.
 */
export function openSharedCluster({
  pool,
  delayMs,
  pause,
}: {
  readonly pool: Pool;
  readonly delayMs: number;
  readonly pause: (ms: number) => Promise<void>;
}): ProvisionCluster {
  async function make({ namespace, storeId }: StoreTarget, kind: Kind): Promise<boolean> {
    await pause(delayMs);
    const { rowCount } = await pool.query(
      `with made as (
         insert into shared_objects (namespace, kind, store_id) values ($1, $2, $3) on conflict do nothing returning kind
       )
       insert into shared_changes (namespace, change) select $1, 'made ' || kind from made`,
      [namespace, kind, storeId],
    );
    return rowCount === 1;
  }

  async function remove({ namespace, storeId }: StoreTarget, kinds: readonly Kind[]): Promise<boolean> {
    await pause(delayMs);
    const { rowCount } = await pool.query(
      `with removed as (
         delete from shared_objects where namespace = $1 and store_id = $3 and kind = any($2) returning kind
       )
       insert into shared_changes (namespace, change) select $1, 'removed ' || kind from removed`,
      [namespace, kinds, storeId],
    );
    return rowCount !== 0;
  }

  return {
    ensureNamespace: async ({ store }) => {
      await make(store, 'Namespace');
      return { uid: store.namespace, nodes: 'simulated' };
    },
    ensureSecrets: async ({ store }) => ({ secretName: 'store-secrets', created: await make(store, 'Secret') }),
    ensureRelease: async ({ store }) => {
      const isNew = await make(store, 'Release');
      return { revision: 1, chartVersion: '0.1.0', action: isNew ? 'installed' : 'unchanged', unlocked: 'none' };
    },
    awaitReady: async ({ store }) => {
      await pause(delayMs);
      if (store.name.startsWith(STORE_NAMES.isWaitedFor)) {
        for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += WAIT_STEP_MS) await pause(WAIT_STEP_MS);
      }
      return { pods: 1, volumes: 1, jobs: 1 };
    },
    verifyStore: async ({ store }) => {
      await pause(delayMs);
      if (store.name.startsWith(STORE_NAMES.isRefused)) throw new StoreError('CHART_INVALID', 'refused for the sweep');
      return { outcome: 'skipped', reason: 'nothing runs in this cluster', at: new Date().toISOString() };
    },
    deleteRelease: async ({ store }) => ({ removed: await remove(store, ['Release']) }),
    deleteNamespace: async ({ store }) => ({ removed: await remove(store, KINDS) }),
    awaitAbsence: async ({ store }) => {
      await pause(delayMs);
      const { kinds } = await lookAt(pool, store.namespace);
      if (kinds.length > 0) throw new StoreError('ABSENCE_UNPROVEN', `${kinds.join(', ')} of the store is still there`);
      return { checked: KINDS, removed: [] };
    },
  };
}

/** What is in a namespace, and all that ever changed in it, in its order. */
export async function lookAt(
  pool: Pool,
  namespace: string,
): Promise<{ readonly kinds: readonly string[]; readonly changes: readonly string[] }> {
  const objects = await pool.query<{ kind: string }>('select kind from shared_objects where namespace = $1', [
    namespace,
  ]);
  const changes = await pool.query<{ change: string }>(
    'select change from shared_changes where namespace = $1 order by position',
    [namespace],
  );
  return { kinds: objects.rows.map(({ kind }) => kind), changes: changes.rows.map(({ change }) => change) };
}
