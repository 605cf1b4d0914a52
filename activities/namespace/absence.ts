import type { V1Namespace, V1PersistentVolume } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import { LABELS } from '../../domain/names.ts';
import type { AbsenceReceipt, ActivityInput, StoreTarget } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { referenceOf } from '../adapters/object-identity.ts';
import { withHeartbeat, lastHeartbeat, pause } from '../runtime/activity-context.ts';
import { isTerminating } from './lookup.ts';
import { oneLine } from '../runtime/redaction.ts';
import { isKept, volumesOf } from './volumes.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';

const POLL_MS = 250;
const MAX_POLL_MS = 2_000;
const CHECKED = ['Namespace', 'PersistentVolume'] as const;

export interface AbsenceDependencies {
  readonly kube: Kube;
  /** How long one attempt waits before it names what is in the way. */
  readonly absenceDeadlineMs: number;
  readonly now: () => number;
  /** Asks for the removal of the store's namespace; safe to repeat. */
  readonly deleteNamespace: ClusterActivities['deleteNamespace'];
}

/** Something of the store that is still there, and why. */
interface Leftover {
  readonly object: string;
  readonly why: string;
}

interface Leftovers {
  readonly objects: readonly Leftover[];
  /** Volumes whose policy says that they outlive their store. */
  readonly kept: readonly string[];
  /** Whether a namespace is there that nobody has asked to go. */
  readonly hasComeBack: boolean;
}

export function createAbsenceActivities(deps: AbsenceDependencies) {
  const { kube } = deps;

  /**
   * Waits until nothing of the store is left: all else lives in the namespace, and the cluster removes a namespace only
   * when it is empty. A worker that was only paused may make the namespace anew after it was removed: it is asked to go
   * once more. Safe to repeat.
   *
   * @throws StoreError ABSENCE_UNPROVEN that names what is in the way
   */
  async function awaitAbsence(input: ActivityInput): Promise<AbsenceReceipt> {
    const found = new Set<string>(foundBefore());
    let remains: Leftovers = { objects: [], kept: [], hasComeBack: false };
    return withHeartbeat(
      async () => {
        const deadlineMs = deps.now() + deps.absenceDeadlineMs;
        for (let polls = 0; ; polls += 1) {
          remains = await observeLeftovers(kube, input.store);
          for (const { object } of remains.objects) found.add(object);
          if (remains.objects.length === 0) return receiptOf(found, remains.kept);
          if (remains.hasComeBack) await deps.deleteNamespace(input);
          if (deps.now() >= deadlineMs) throw unproven(remains.objects);
          await pause(Math.min(POLL_MS * 2 ** Math.min(polls, 8), MAX_POLL_MS));
        }
      },
      () => ({ found: [...found], left: remains.objects.map(({ object }) => object).slice(0, 10) }),
    );
  }

  return { awaitAbsence };
}

function receiptOf(found: ReadonlySet<string>, kept: readonly string[]): AbsenceReceipt {
  const removed = [...found].toSorted();
  return kept.length === 0 ? { checked: CHECKED, removed } : { checked: CHECKED, removed, kept };
}

async function observeLeftovers(kube: Kube, store: StoreTarget): Promise<Leftovers> {
  const [namespaces, own] = await Promise.all([
    kube.call(`look for what is left of ${store.namespace}`, () =>
      kube.core.listNamespace({ labelSelector: `${LABELS.storeId}=${store.storeId}` }),
    ),
    volumesOf(kube, store.namespace),
  ]);
  const kept = own.filter(isKept);
  return {
    objects: [
      ...namespaces.items.map(namespaceLeftover),
      // While the namespace is there its claims hold the volumes; what counts is that they go with it.
      ...own.filter((volume) => !kept.includes(volume)).map(volumeLeftover),
    ],
    kept: kept.map((volume) => referenceOf(volume, 'PersistentVolume')),
    hasComeBack: namespaces.items.some((namespace) => !isTerminating(namespace)),
  };
}

function namespaceLeftover(namespace: V1Namespace): Leftover {
  const reasons = (namespace.status?.conditions ?? []).filter((condition) => condition.status === 'True');
  const why = reasons.map(({ message, reason }) => message || reason).join('; ');
  return { object: referenceOf(namespace, 'Namespace'), why: why || 'it is being removed' };
}

function volumeLeftover(volume: V1PersistentVolume): Leftover {
  const { status } = volume;
  return {
    object: referenceOf(volume, 'PersistentVolume'),
    why: status?.message || `it is ${status?.phase ?? 'unknown'}`,
  };
}

function unproven(remnants: readonly Leftover[]): StoreError {
  const named = remnants.slice(0, 3).map(({ object, why }) => `${object} (${oneLine(why)})`);
  return new StoreError('ABSENCE_UNPROVEN', `still there: ${named.join(', ')}`, {
    evidence: { leftovers: remnants.map(({ object }) => object).slice(0, 20) },
  });
}

/** What earlier attempts found counts as removed too once it is gone. */
function foundBefore(): readonly string[] {
  const last = lastHeartbeat();
  if (typeof last !== 'object' || last === null || !('found' in last) || !Array.isArray(last.found)) return [];
  return last.found.filter((entry): entry is string => typeof entry === 'string');
}
