import type { ClusterReconciler } from '../../activities/reconcile/cluster-reconciler.ts';
import type { KeptVolume } from '../../activities/reconcile/kept-volume-search.ts';
import type { Candidate, NamespaceOwnership, OrphanSource } from '../../activities/reconcile/orphan-search.ts';
import type { SeenOrphan } from '../../domain/orphans.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** An in-memory cluster for the reconciler. It has no drift and no orphans until a test adds them. */
export class FakeClusterReconciler implements ClusterReconciler {
  readonly drifted = new Map<string, readonly DriftedObject[]>();
  readonly candidates = new Map<OrphanSource, readonly Candidate[]>();
  readonly removed: string[] = [];
  readonly keptVolumeList: KeptVolume[] = [];
  /** Called for each store that the reconciler inspects. */
  onInspect: (store: StoreTarget) => void = () => undefined;

  readonly installation = 'test';

  readonly drift: ClusterReconciler['drift'] = {
    inspect: async (store) => {
      this.onInspect(store);
      return this.drifted.get(store.storeId) ?? [];
    },
    repair: async ({ store }, isDue) => {
      const found = this.drifted.get(store.storeId) ?? [];
      const remaining = found.filter((object) => !isDue(object));
      this.drifted.set(store.storeId, remaining);
      return { repaired: found.filter(isDue), remaining };
    },
  };

  readonly orphans: ClusterReconciler['orphans'] = {
    page: async (source, { limit, after }) => {
      const all = this.candidates.get(source) ?? [];
      const from = Number(after ?? 0);
      const next = from + limit < all.length ? String(from + limit) : null;
      return { candidates: all.slice(from, from + limit), next };
    },
    namespaceOwnership: async (namespace): Promise<NamespaceOwnership> =>
      this.#namespace(namespace) === undefined ? 'gone' : 'ours',
    readNamespace: async ({ name, uid }: SeenOrphan) => {
      const found = this.#namespace(name);
      return found?.uid === uid ? found : undefined;
    },
    remove: async ({ kind, name }) => void this.removed.push(`${kind}/${name}`),
  };

  readonly keptVolumes: ClusterReconciler['keptVolumes'] = {
    page: async ({ limit, after }) => {
      const from = Number(after ?? 0);
      const next = from + limit < this.keptVolumeList.length ? String(from + limit) : null;
      return { volumes: this.keptVolumeList.slice(from, from + limit), next };
    },
    release: async ({ name }) => {
      this.removed.push(`PersistentVolume/${name}`);
      return true;
    },
  };

  #namespace(name: string): Candidate | undefined {
    return this.candidates.get('namespaces')?.find((candidate) => candidate.name === name);
  }
}
