import type { V1Namespace, V1PersistentVolume } from '@kubernetes/client-node';
import { z } from 'zod';
import { StoreError } from '../../domain/failure.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, referenceOf } from '../adapters/object-identity.ts';
import { isFirstAttempt, lastHeartbeat, pause, sendHeartbeat, withHeartbeat } from '../runtime/activity-context.ts';
import { isTerminating } from './lookup.ts';
import { type Owned, type OwnedStore, selectorOf } from './ownership.ts';
import { oneLine } from '../runtime/redaction.ts';
import { isKept, listVolumes, readVolumes } from './find-volumes.ts';
import type { ActivityInput, AwaitAbsenceInput } from '../../domain/operations/inputs.ts';
import type { AbsenceReceipt, NamespaceRemoval } from '../../domain/operations/outcomes.ts';

const POLL_MS = 250;
const MAX_POLL_MS = 2_000;
const CHECKED = ['Namespace', 'PersistentVolume'] as const;

export interface AbsenceDependencies {
  readonly kube: Kube;
  /** How long the first attempt waits before it fails. A later attempt looks once. */
  readonly firstAttemptMs: number;
  readonly now: () => number;
  /** Deletes the store's namespace; safe to repeat. */
  readonly deleteNamespace: (input: Owned<ActivityInput>) => Promise<NamespaceRemoval>;
}

/** An object of the store that still exists, and why. */
interface Leftover {
  readonly object: string;
  readonly reason: string;
}

interface Leftovers {
  readonly objects: readonly Leftover[];
  /** Volumes that a policy keeps after the delete. */
  readonly kept: readonly string[];
  readonly namespace: 'gone' | 'terminating' | 'recreated';
}

/** The knowledge about the store's objects. The heartbeat passes it to the next attempt. */
interface Knowledge {
  /** Objects that existed at some poll. The receipt lists them. */
  readonly found: ReadonlySet<string>;
  /** Names of the store's volumes. */
  readonly volumes: ReadonlySet<string>;
  /** False: other volumes of the store may exist, which only a list of all volumes finds. */
  readonly areVolumesKnown: boolean;
}

export function createAbsenceActivities(deps: AbsenceDependencies) {
  const { kube } = deps;

  /**
   * Waits until no namespace and no volume of the store exists. Objects of other owners do not count. Every other object
   * is in the namespace, which the cluster removes only when it is empty. If a paused worker has recreated the
   * namespace, deletes it again. Safe to repeat.
   *
   * A deletion may be stuck for hours, and many at once. So only the first attempt waits, for as long as most deletions
   * take. Later attempts look once, and the retry policy is the timer between them: then a stuck deletion holds no slot.
   *
   * Reads the volumes by their names. If the input does not name them, lists all volumes of the cluster once, after the
   * namespace is gone: from then on, no claim can get a new volume. The heartbeat passes the names on, so that later
   * attempts do not list them again. `listVolumes` says why the list is needed and what it costs.
   *
   * @throws StoreError ABSENCE_UNPROVEN that names the objects that still exist
   */
  async function awaitAbsence(input: Owned<AwaitAbsenceInput>): Promise<AbsenceReceipt> {
    const { store } = input;
    let known = knownBefore() ?? knownFrom(input);
    let leftovers: Leftovers = { objects: [], kept: [], namespace: 'gone' };
    const details = () => ({
      found: [...known.found],
      volumes: [...known.volumes],
      areVolumesKnown: known.areVolumesKnown,
      remaining: leftovers.objects.map(({ object }) => object).slice(0, 10),
    });
    return withHeartbeat(async () => {
      const deadlineMs = deps.now() + (isFirstAttempt() ? deps.firstAttemptMs : 0);
      for (let polls = 0; ; polls += 1) {
        leftovers = await observeLeftovers(kube, store, known.volumes);
        known = { ...known, found: new Set([...known.found, ...leftovers.objects.map(({ object }) => object)]) };
        if (leftovers.objects.length === 0) {
          if (known.areVolumesKnown) return receiptOf(known.found, leftovers.kept);
          const listed = await listVolumes(kube, store);
          const names = listed.map((volume) => nameOf(volume, 'PersistentVolume'));
          known = { ...known, volumes: new Set([...known.volumes, ...names]), areVolumesKnown: true };
          continue;
        }
        if (leftovers.namespace === 'recreated') {
          known = { ...known, areVolumesKnown: false };
          await deps.deleteNamespace(input);
        }
        if (deps.now() >= deadlineMs) {
          sendHeartbeat(details()); // the next attempt continues with it
          throw unproven(leftovers.objects);
        }
        await pause(Math.min(POLL_MS * 2 ** Math.min(polls, 8), MAX_POLL_MS));
      }
    }, details);
  }

  return { awaitAbsence };
}

function receiptOf(found: ReadonlySet<string>, kept: readonly string[]): AbsenceReceipt {
  const removed = [...found].toSorted();
  return kept.length === 0 ? { checked: CHECKED, removed } : { checked: CHECKED, removed, kept };
}

async function observeLeftovers(kube: Kube, store: OwnedStore, volumeNames: ReadonlySet<string>): Promise<Leftovers> {
  const [{ items: namespaces }, own] = await Promise.all([
    kube.call(`list the leftovers of ${store.namespace}`, () =>
      kube.core.listNamespace({ labelSelector: selectorOf(store) }),
    ),
    readVolumes(kube, store, [...volumeNames]),
  ]);
  const kept = own.filter(isKept);
  return {
    objects: [
      ...namespaces.map(namespaceLeftover),
      // Volumes stay bound to the claims until the namespace is gone, and must go with them.
      ...own.filter((volume) => !kept.includes(volume)).map(volumeLeftover),
    ],
    kept: kept.map((volume) => referenceOf(volume, 'PersistentVolume')),
    namespace: namespaces.length === 0 ? 'gone' : namespaces.every(isTerminating) ? 'terminating' : 'recreated',
  };
}

function namespaceLeftover(namespace: V1Namespace): Leftover {
  const conditions = (namespace.status?.conditions ?? []).filter((condition) => condition.status === 'True');
  const reason = conditions.map((condition) => condition.message || condition.reason).join('; ');
  return { object: referenceOf(namespace, 'Namespace'), reason: reason || 'it is terminating' };
}

function volumeLeftover(volume: V1PersistentVolume): Leftover {
  const { status } = volume;
  return {
    object: referenceOf(volume, 'PersistentVolume'),
    reason: status?.message || `its phase is ${status?.phase ?? 'unknown'}`,
  };
}

function unproven(objects: readonly Leftover[]): StoreError {
  const named = objects.slice(0, 3).map(({ object, reason }) => `${object} (${oneLine(reason)})`);
  return new StoreError('ABSENCE_UNPROVEN', `these objects still exist: ${named.join(', ')}`, {
    evidence: { leftovers: objects.map(({ object }) => object).slice(0, 20) },
  });
}

const Heartbeat = z.object({ found: z.array(z.string()), volumes: z.array(z.string()), areVolumesKnown: z.boolean() });

/** Returns what earlier attempts knew, from the heartbeat. Undefined without one. */
function knownBefore(): Knowledge | undefined {
  const { success, data } = Heartbeat.safeParse(lastHeartbeat());
  return success ? { ...data, found: new Set(data.found), volumes: new Set(data.volumes) } : undefined;
}

/**
 * Returns what the delete of the namespace knew. In a retry without a heartbeat of the attempt before, this may be not
 * everything: that attempt may have deleted a recreated namespace.
 */
function knownFrom({ volumes }: AwaitAbsenceInput): Knowledge {
  return {
    found: new Set(),
    volumes: new Set(volumes),
    areVolumesKnown: volumes !== undefined && isFirstAttempt(),
  };
}
