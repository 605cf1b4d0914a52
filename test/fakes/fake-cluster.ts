import type { ClusterActivities } from '../../activities/cluster-activities.ts';
import { StoreError } from '../../domain/failure.ts';
import type { ActivityInput, StoreTarget } from '../../domain/operations.ts';

interface FakeNamespace {
  readonly storeId: string;
  secrets: boolean;
  release: { readonly revision: number } | null;
}

/** The cluster activities over a map instead of a cluster; `leftovers` is what a clean end must find empty. */
export class FakeCluster implements ClusterActivities {
  readonly #namespaces = new Map<string, FakeNamespace>();

  /** What is there of a store, or of all of them, as `Kind/namespace`. */
  leftovers(namespace?: string): readonly string[] {
    return [...this.#namespaces]
      .filter(([name]) => namespace === undefined || name === namespace)
      .flatMap(([name, { secrets, release }]) => [
        `Namespace/${name}`,
        ...(secrets ? [`Secret/${name}`] : []),
        ...(release === null ? [] : [`Release/${name}`]),
      ]);
  }

  readonly ensureNamespace: ClusterActivities['ensureNamespace'] = async ({ store }) => {
    const known = this.#namespaces.get(store.namespace);
    if (known !== undefined && known.storeId !== store.storeId) {
      throw new StoreError('NAMESPACE_FOREIGN', `namespace ${store.namespace} is not ours`);
    }
    if (known === undefined) {
      this.#namespaces.set(store.namespace, { storeId: store.storeId, secrets: false, release: null });
    }
    return { uid: store.namespace, nodes: 'simulated' };
  };

  readonly ensureSecrets: ClusterActivities['ensureSecrets'] = async (input) => {
    const namespace = this.#namespaceOf(input);
    const created = !namespace.secrets;
    namespace.secrets = true;
    return { secretName: 'store-secrets', created };
  };

  readonly ensureRelease: ClusterActivities['ensureRelease'] = async (input) => {
    const namespace = this.#namespaceOf(input);
    const action = namespace.release === null ? 'installed' : 'unchanged';
    namespace.release ??= { revision: 1 };
    return { revision: namespace.release.revision, chartVersion: '0.1.0', action, unlocked: 'none' };
  };

  readonly awaitReady: ClusterActivities['awaitReady'] = async ({ store, revision }) => {
    if (this.#findOwn(store)?.release?.revision !== revision) {
      throw new StoreError('RELEASE_MISMATCH', `revision ${revision} of ${store.releaseName} is not there`);
    }
    return { pods: 1, volumes: 1, jobs: 1 };
  };

  readonly verifyStore: ClusterActivities['verifyStore'] = async () => ({
    outcome: 'skipped',
    reason: 'a fake cluster runs no pods',
    at: new Date(0).toISOString(),
  });

  readonly deleteRelease: ClusterActivities['deleteRelease'] = async ({ store }) => {
    const namespace = this.#findOwn(store);
    const removed = namespace !== undefined && namespace.release !== null;
    if (namespace !== undefined) namespace.release = null;
    return { removed };
  };

  readonly deleteNamespace: ClusterActivities['deleteNamespace'] = async ({ store }) => ({
    removed: this.#findOwn(store) !== undefined && this.#namespaces.delete(store.namespace),
  });

  readonly awaitAbsence: ClusterActivities['awaitAbsence'] = async ({ store }) => {
    if (this.#findOwn(store) !== undefined) {
      throw new StoreError('ABSENCE_UNPROVEN', `namespace ${store.namespace} is still there`);
    }
    return { checked: ['Namespace'], removed: [] };
  };

  #findOwn(store: StoreTarget): FakeNamespace | undefined {
    const namespace = this.#namespaces.get(store.namespace);
    return namespace?.storeId === store.storeId ? namespace : undefined;
  }

  #namespaceOf({ store }: ActivityInput): FakeNamespace {
    const namespace = this.#findOwn(store);
    if (namespace === undefined) throw new StoreError('CLUSTER_REFUSED', `there is no namespace ${store.namespace}`);
    return namespace;
  }
}
