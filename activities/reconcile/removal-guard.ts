import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import { log } from '@temporalio/activity';
import { z } from 'zod';
import { installationNamespaceOf, LABELS, MANAGER } from '../../domain/names.ts';
import type { RecordedPause, RemovalRecords } from '../../domain/ports/removal-records.ts';
import { whyRestored, type DatabaseState } from '../../domain/removals.ts';
import type { Kube } from '../adapters/kube.ts';
import { resourceVersionOf } from '../adapters/object-identity.ts';
import { parsed } from '../namespace/store-facts.ts';

/** The cluster's memory of the database of the installation. */
export interface RememberedDatabase {
  /** The database as it was last seen. */
  readonly seen: DatabaseState;
  /** The pause of removals, which began when the database did not match `seen`. Null: none. */
  readonly pause: { readonly since: string; readonly reason: string } | null;
}

/** The memory outside the database. Every function throws StoreError CLUSTER_UNAVAILABLE. */
export interface DatabaseMemory {
  /** Returns undefined when the cluster remembers nothing. `version` identifies the read state. */
  read(): Promise<{ readonly remembered: RememberedDatabase; readonly version: string } | undefined>;
  /** Writes the memory, unless it has changed since it was read: then another process has checked at the same time. */
  write(remembered: RememberedDatabase, version: string | undefined): Promise<void>;
}

const CONFIG_MAP = 'database';
const KEY = 'last-seen.json';

const Remembered = z.object({
  seen: z.object({
    systemIdentifier: z.string().nullable(),
    timeline: z.number().nullable(),
    oid: z.string(),
    checks: z.number(),
  }),
  pause: z.object({ since: z.iso.datetime(), reason: z.string() }).nullable(),
});

/**
 * Creates the memory in a ConfigMap of the cluster, in a namespace of the installation. The cluster holds the data that
 * a restored database endangers, and it is never restored together with the database.
 */
export function createDatabaseMemory(kube: Kube, installation: string): DatabaseMemory {
  const namespace = installationNamespaceOf(installation);
  const labels = { [LABELS.managedBy]: MANAGER, [LABELS.installation]: installation };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: CONFIG_MAP, namespace } };

  async function read() {
    const found: (KubernetesObject & Pick<V1ConfigMap, 'data'>) | undefined = await kube.read(object);
    const { success, data } = Remembered.safeParse(parsed(found?.data?.[KEY]));
    if (found === undefined || !success) return undefined;
    return { remembered: data, version: resourceVersionOf(found, 'ConfigMap') };
  }

  async function write(remembered: RememberedDatabase, version: string | undefined): Promise<void> {
    const data = { [KEY]: JSON.stringify(remembered) };
    if (version !== undefined) {
      await kube.merge<V1ConfigMap>({ ...object, metadata: { ...object.metadata, resourceVersion: version }, data });
      return;
    }
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
    await kube.apply<V1ConfigMap>({ ...object, metadata: { ...object.metadata, labels }, data });
  }

  return { read, write };
}

/** Decides whether the reconciler may remove objects now. */
export interface RemovalGuard {
  /**
   * Compares the database with what the cluster remembers of it. When its records may be older than the cluster, pauses
   * all removals in every cluster until an operator confirms.
   *
   * @throws StoreError CLUSTER_UNAVAILABLE, DATABASE_UNAVAILABLE
   */
  arePaused(): Promise<boolean>;
}

export function createRemovalGuard(deps: {
  readonly memory: DatabaseMemory;
  readonly records: Pick<RemovalRecords, 'check' | 'read' | 'pause' | 'activate'>;
  readonly now: () => Date;
}): RemovalGuard {
  const { memory, records } = deps;

  async function arePaused(): Promise<boolean> {
    // The memory must be read first: another process can write a higher number of checks after it.
    const last = await memory.read();
    const seen = await records.check();
    const recorded = await records.read();
    const { remembered, version } = last ?? { remembered: { seen, pause: pauseOf(recorded) }, version: undefined };
    // Another cluster that found the restore first has recorded the pause, which one confirmation ends for all of them.
    const pause =
      remembered.pause ?? pendingPause(recorded) ?? (last === undefined ? null : newPause(remembered.seen, seen));
    if (pause === null || recorded.confirmed?.toISOString() === pause.since) {
      await memory.write({ seen, pause: null }, version);
      if (recorded.since !== null) await records.activate();
      return false;
    }
    // The cluster keeps the state before the pause, so that a second restore does not end it.
    if (last === undefined || remembered.pause === null) await memory.write({ ...remembered, pause }, version);
    if (recorded.since?.toISOString() !== pause.since) {
      await records.pause({ since: new Date(pause.since), reason: pause.reason });
    }
    log.warn('removals are paused until an operator confirms the database: POST /api/admin/removals/resume', pause);
    return true;
  }

  function newPause(seen: DatabaseState, now: DatabaseState): RememberedDatabase['pause'] {
    const reason = whyRestored(seen, now);
    return reason === undefined ? null : { since: deps.now().toISOString(), reason };
  }

  return { arePaused };
}

/**
 * Returns a function that asks the guard at its first call and then repeats the answer. For one page of objects: each
 * question reads and writes the cluster and the database.
 */
export function askOnce(guard: RemovalGuard): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  return () => (answer ??= guard.arePaused());
}

/** Returns the pause that the database records and that no operator has confirmed. */
function pendingPause(recorded: RecordedPause): RememberedDatabase['pause'] {
  return recorded.confirmed?.getTime() === recorded.since?.getTime() ? null : pauseOf(recorded);
}

/** Returns the pause that the database records. The cluster can have lost its own memory of it. */
function pauseOf({ since, reason }: RecordedPause): RememberedDatabase['pause'] {
  return since === null ? null : { since: since.toISOString(), reason: reason ?? '' };
}
