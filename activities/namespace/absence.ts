import type { V1Namespace, V1PersistentVolume } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import type { Kube } from '../adapters/kube.ts';
import { referenceOf } from '../adapters/object-identity.ts';
import { withHeartbeat, lastHeartbeat, pause } from '../runtime/activity-context.ts';
import { isTerminating } from './lookup.ts';
import { type Owned, type OwnedStore, selectorOf } from './ownership.ts';
import { oneLine } from '../runtime/redaction.ts';
import { isKept, volumesOf } from './volumes.ts';
import type { RemovalResult } from '../../domain/ports/cluster.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import type { AbsenceReceipt } from '../../domain/operations/outcomes.ts';

const POLL_MS = 250;
const MAX_POLL_MS = 2_000;
const CHECKED = ['Namespace', 'PersistentVolume'] as const;

export interface AbsenceDependencies {
  readonly kube: Kube;
  /** How long one attempt waits before it fails. */
  readonly absenceDeadlineMs: number;
  readonly now: () => number;
  /** Deletes the store's namespace; safe to repeat. */
  readonly deleteNamespace: (input: Owned<ActivityInput>) => Promise<RemovalResult>;
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
  /** True: a namespace exists that is not terminating. */
  readonly isRecreated: boolean;
}

export function createAbsenceActivities(deps: AbsenceDependencies) {
  const { kube } = deps;

  /**
   * Waits until no namespace and no volume of the store exists. Objects of other owners do not count. Every other object is in the namespace, which the
   * cluster removes only when it is empty. If a paused worker has recreated the namespace, deletes it again. Safe to
   * repeat.
   *
   * @throws StoreError ABSENCE_UNPROVEN that names the objects that still exist
   */
  async function awaitAbsence(input: Owned<ActivityInput>): Promise<AbsenceReceipt> {
    const found = new Set<string>(foundBefore());
    let leftovers: Leftovers = { objects: [], kept: [], isRecreated: false };
    return withHeartbeat(
      async () => {
        const deadlineMs = deps.now() + deps.absenceDeadlineMs;
        for (let polls = 0; ; polls += 1) {
          leftovers = await observeLeftovers(kube, input.store);
          for (const { object } of leftovers.objects) found.add(object);
          if (leftovers.objects.length === 0) return receiptOf(found, leftovers.kept);
          if (leftovers.isRecreated) await deps.deleteNamespace(input);
          if (deps.now() >= deadlineMs) throw unproven(leftovers.objects);
          await pause(Math.min(POLL_MS * 2 ** Math.min(polls, 8), MAX_POLL_MS));
        }
      },
      () => ({ found: [...found], remaining: leftovers.objects.map(({ object }) => object).slice(0, 10) }),
    );
  }

  return { awaitAbsence };
}

function receiptOf(found: ReadonlySet<string>, kept: readonly string[]): AbsenceReceipt {
  const removed = [...found].toSorted();
  return kept.length === 0 ? { checked: CHECKED, removed } : { checked: CHECKED, removed, kept };
}

async function observeLeftovers(kube: Kube, store: OwnedStore): Promise<Leftovers> {
  const [namespaces, own] = await Promise.all([
    kube.call(`list the leftovers of ${store.namespace}`, () =>
      kube.core.listNamespace({ labelSelector: selectorOf(store) }),
    ),
    volumesOf(kube, store),
  ]);
  const kept = own.filter(isKept);
  return {
    objects: [
      ...namespaces.items.map(namespaceLeftover),
      // Volumes stay bound to the claims until the namespace is gone, and must go with them.
      ...own.filter((volume) => !kept.includes(volume)).map(volumeLeftover),
    ],
    kept: kept.map((volume) => referenceOf(volume, 'PersistentVolume')),
    isRecreated: namespaces.items.some((namespace) => !isTerminating(namespace)),
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

/** Returns the objects that earlier attempts found, from the heartbeat. The receipt lists them too. */
function foundBefore(): readonly string[] {
  const last = lastHeartbeat();
  if (typeof last !== 'object' || last === null || !('found' in last) || !Array.isArray(last.found)) return [];
  return last.found.filter((entry): entry is string => typeof entry === 'string');
}
