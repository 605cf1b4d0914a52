import type { ClusterReconciler } from '../../activities/reconcile/cluster-reconciler.ts';
import type { KeptVolume } from '../../activities/reconcile/kept-volume-search.ts';
import type { Candidate, NamespaceOwnership, OrphanSource } from '../../activities/reconcile/orphan-search.ts';
import type { RememberedDatabase } from '../../activities/reconcile/removal-guard.ts';
import type { DataEvidence } from '../../domain/unaccounted.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** An in-memory cluster for the reconciler. It has no drift and no orphans until a test adds them. */
export class FakeClusterReconciler implements ClusterReconciler {
  readonly drifted = new Map<string, readonly DriftedObject[]>();
  readonly candidates = new Map<OrphanSource, readonly Candidate[]>();
  readonly removed: string[] = [];
  readonly keptVolumeList: KeptVolume[] = [];
  /** The signs of data, by namespace. */
  readonly evidence = new Map<string, DataEvidence>();
  remembered: RememberedDatabase | undefined;
  /** Called for each store that the reconciler inspects. */
  onInspect: (store: StoreTarget) => void = () => undefined;

  readonly name = 'default';
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

  readonly stores: ClusterReconciler['stores'] = {
    read: async () => ({ kind: 'unusable', problem: 'the fake cluster has no namespaces' }),
  };

  readonly databaseMemory: ClusterReconciler['databaseMemory'] = {
    read: async () => (this.remembered === undefined ? undefined : { remembered: this.remembered, version: '1' }),
    write: async (remembered) => void (this.remembered = remembered),
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
    readNamespace: async ({ name, uid }) => {
      const found = this.#namespace(name);
      return found?.uid === uid ? found : undefined;
    },
    findNamespace: async (name) => this.#namespace(name),
    evidence: async ({ name, readySince }) => this.evidence.get(name) ?? { readySince, boundClaims: [], readyPods: [] },
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
