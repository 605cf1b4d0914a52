import type { KubernetesObject } from '@kubernetes/client-node';
import type { Kube, WatchEvent } from '../adapters/kube.ts';
import { uidOf } from '../adapters/object-identity.ts';
import { attemptSignal } from '../runtime/activity-context.ts';
import type { NamespaceObjects } from './snapshot.ts';

type Kind = keyof NamespaceObjects;

const PATHS: { readonly [K in Kind]: (namespace: string) => string } = {
  Deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  StatefulSet: (namespace) => `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  Job: (namespace) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
  PersistentVolumeClaim: (namespace) => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  Pod: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  Event: (namespace) => `/api/v1/namespaces/${namespace}/events`,
};

/** The objects of a namespace. Watches keep them current, lists make them complete. */
export interface NamespaceWatch {
  /**
   * Lists all objects and reopens the watches that have ended.
   *
   * @throws StoreError CLUSTER_UNAVAILABLE, CLUSTER_REFUSED
   */
  refresh(): Promise<void>;
  objects(): NamespaceObjects;
  /** True: at least one kind has no open watch. */
  isStale(): boolean;
  /**
   * Resolves at the next change, after `timeoutMs`, or when the activity is cancelled; at once if an object has changed
   * since the last call.
   */
  nextChange(timeoutMs: number): Promise<void>;
  close(): void;
}

/** Starts to watch a namespace. A watch that ends silently delays an update until the next `refresh`, no longer. */
export function watchNamespace(kube: Kube, namespace: string): NamespaceWatch {
  const closing = new AbortController();
  const objectsByKind = new Map<Kind, Map<string, KubernetesObject>>();
  const watched = new Set<Kind>();
  let changed = false;
  let wake: (() => void) | undefined;

  function noteChange(): void {
    changed = true;
    wake?.();
  }

  attemptSignal()?.addEventListener('abort', noteChange, { once: true, signal: closing.signal });

  function applyEvent(kind: Kind, { type, object }: WatchEvent): void {
    const byUid = objectsByKind.get(kind) ?? new Map<string, KubernetesObject>();
    objectsByKind.set(kind, byUid);
    if (type === 'DELETED') byUid.delete(uidOf(object, kind));
    else byUid.set(uidOf(object, kind), object);
    noteChange();
  }

  function watch(kind: Kind): void {
    if (watched.has(kind)) return;
    watched.add(kind);
    kube.watch({
      path: PATHS[kind](namespace),
      signal: closing.signal,
      onEvent: (event) => applyEvent(kind, event),
      onEnd: () => watched.delete(kind),
    });
  }

  async function refresh(): Promise<void> {
    const lists = await kube.call(`list the objects of the namespace ${namespace}`, () => listAll(kube, namespace));
    for (const [kind, items] of lists) {
      objectsByKind.set(kind, new Map(items.map((item) => [uidOf(item, kind), item])));
      watch(kind);
    }
  }

  async function nextChange(timeoutMs: number): Promise<void> {
    if (!changed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = undefined;
    }
    changed = false;
  }

  function all<K extends Kind>(kind: K): NamespaceObjects[K] {
    // Only lists and watches of this kind write to the entry; the type of the map can't express that.
    return [...(objectsByKind.get(kind)?.values() ?? [])] as unknown as NamespaceObjects[K];
  }

  return {
    refresh,
    nextChange,
    isStale: () => watched.size < Object.keys(PATHS).length,
    objects: () => ({
      Deployment: all('Deployment'),
      StatefulSet: all('StatefulSet'),
      Job: all('Job'),
      PersistentVolumeClaim: all('PersistentVolumeClaim'),
      Pod: all('Pod'),
      Event: all('Event'),
    }),
    close: () => closing.abort(),
  };
}

async function listAll(
  kube: Kube,
  namespace: string,
): Promise<readonly (readonly [Kind, readonly KubernetesObject[]])[]> {
  const { core, apps, batch } = kube;
  const [deployments, statefulSets, jobs, claims, pods, events] = await Promise.all([
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedStatefulSet({ namespace }),
    batch.listNamespacedJob({ namespace }),
    core.listNamespacedPersistentVolumeClaim({ namespace }),
    core.listNamespacedPod({ namespace }),
    core.listNamespacedEvent({ namespace }),
  ]);
  return [
    ['Deployment', deployments.items],
    ['StatefulSet', statefulSets.items],
    ['Job', jobs.items],
    ['PersistentVolumeClaim', claims.items],
    ['Pod', pods.items],
    ['Event', events.items],
  ];
}
