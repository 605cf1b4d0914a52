import { isDeepStrictEqual } from 'node:util';
import { attemptToken } from '../../activities/runtime/activity-context.ts';
import { fenceLost, isLater } from '../../activities/namespace/fence.ts';
import { StoreError } from '../../domain/failure.ts';
import type { Overrides } from '../../domain/store/overrides.ts';
import type { NodeKind } from '../../domain/store/store.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { ActivityInput, StoreTarget } from '../../domain/operations/inputs.ts';

interface FakeNamespace {
  readonly storeId: string;
  /** Token of the attempt that acquired the fence last. */
  fence: string;
  secrets: boolean;
  /** Run in which the store was first ready. */
  readyRun: string | null;
  release: { readonly revision: number; readonly overrides: Overrides } | null;
}

interface FakeVolume {
  readonly name: string;
  readonly storeId: string;
  readonly namespace: string;
  kept: boolean;
}

/** The cluster activities over an in-memory map. `leftovers` must be empty after a clean end. */
export class FakeCluster implements ClusterActivities {
  /** On real nodes, a store serves customers before its optional workloads are ready, and a verification order succeeds. */
  nodes: Exclude<NodeKind, 'unknown'> = 'simulated';
  readonly #namespaces = new Map<string, FakeNamespace>();
  #volumes: readonly FakeVolume[] = [];
  #volumesCreated = 0;

  /** Returns the objects of one namespace, or of all namespaces, as `Kind/namespace`. */
  leftovers(namespace?: string): readonly string[] {
    return [...this.#namespaces]
      .filter(([name]) => namespace === undefined || name === namespace)
      .flatMap(([name, { secrets, release }]) => [
        `Namespace/${name}`,
        ...(secrets ? [`Secret/${name}`] : []),
        ...(release === null ? [] : [`Release/${name}`]),
      ]);
  }

  /** Returns the volumes that were created in a namespace and still exist. */
  volumes(namespace: string): readonly string[] {
    return this.#volumes.filter((volume) => volume.namespace === namespace).map(({ name }) => name);
  }

  /** Returns the overrides of the newest release revision in a namespace, or undefined without a release. */
  overridesOf(namespace: string): Overrides | undefined {
    return this.#namespaces.get(namespace)?.release?.overrides;
  }

  readonly ensureNamespace: ClusterActivities['ensureNamespace'] = async ({ store }) => {
    const known = this.#namespaces.get(store.namespace);
    this.#assertNotForeign(store);
    if (known === undefined) {
      const fence = attemptToken();
      this.#namespaces.set(store.namespace, {
        storeId: store.storeId,
        fence,
        secrets: false,
        readyRun: null,
        release: null,
      });
    } else {
      acquireFenceOn(known, store);
    }
    return { uid: store.namespace, nodes: this.nodes };
  };

  readonly ensureSecrets: ClusterActivities['ensureSecrets'] = async (input) => {
    const namespace = this.#namespaceOf(input);
    const created = !namespace.secrets;
    namespace.secrets = true;
    return { secretName: 'store-secrets', created };
  };

  readonly ensureRelease: ClusterActivities['ensureRelease'] = async (input) => {
    const namespace = this.#namespaceOf(input);
    acquireFenceOn(namespace, input.store);
    const before = namespace.release;
    const overrides = input.store.overrides ?? {};
    const isOutdated = before !== null && (input.reapply === true || !isDeepStrictEqual(before.overrides, overrides));
    const release =
      before === null ? { revision: 1, overrides } : isOutdated ? { revision: before.revision + 1, overrides } : before;
    namespace.release = release;
    if (this.volumes(input.store.namespace).length === 0) this.#createVolume(input.store);
    const action = before === null ? 'installed' : isOutdated ? 'upgraded' : 'unchanged';
    return { revision: release.revision, chartVersion: '0.1.0', action, unlocked: 'none' };
  };

  readonly awaitReady: ClusterActivities['awaitReady'] = async ({ store, revision, goal }) => {
    this.#assertNotForeign(store);
    if (this.#findOwn(store)?.release?.revision !== revision) {
      throw new StoreError('RELEASE_MISMATCH', `revision ${revision} of release ${store.releaseName} does not exist`);
    }
    const ready = { pods: 1, volumes: 1, jobs: 1 };
    const isUnfinished = goal === 'checkout' && this.nodes === 'real';
    return isUnfinished ? { ...ready, unfinished: ['Deployment/worker (0 of 1 ready)'] } : ready;
  };

  readonly markReady: ClusterActivities['markReady'] = async ({ store, run }) => {
    const namespace = this.#findOwn(store);
    if (namespace !== undefined) namespace.readyRun ??= run.runId;
  };

  readonly verifyStore: ClusterActivities['verifyStore'] = async ({ nodes }) => {
    const at = new Date(0).toISOString();
    if (nodes === 'simulated') return { outcome: 'skipped', reason: 'the fake cluster runs no pods', at };
    return { outcome: 'passed', at, order: { number: '1', total: '25.00 EUR' }, steps: [] };
  };

  readonly verifyCheckout: ClusterActivities['verifyCheckout'] = async () => ({ outcome: 'passed', steps: [] });

  readonly deleteRelease: ClusterActivities['deleteRelease'] = async ({ store }) => {
    const namespace = this.#findOwn(store);
    if (namespace === undefined || namespace.release === null) return { removed: false };
    acquireFenceOn(namespace, store);
    namespace.release = null;
    return { removed: true };
  };

  readonly deleteNamespace: ClusterActivities['deleteNamespace'] = async ({ store, run }) => {
    const namespace = this.#findOwn(store);
    if (namespace === undefined) return { removed: false };
    acquireFenceOn(namespace, store);
    if (run.kind === 'provision' && namespace.readyRun !== null && namespace.readyRun !== run.runId) {
      throw new StoreError('NAMESPACE_HAS_DATA', `namespace ${store.namespace} holds data`);
    }
    const volumes = this.#volumesOf(store).map(({ name }) => name.replace('PersistentVolume/', ''));
    this.#volumes = this.#volumes.filter(({ storeId, kept }) => kept || storeId !== store.storeId);
    return { removed: this.#namespaces.delete(store.namespace), volumes };
  };

  readonly awaitAbsence: ClusterActivities['awaitAbsence'] = async (input) => {
    const { store } = input;
    const { removed } = await this.deleteNamespace(input);
    const kept = this.#volumesOf(store).map(({ name }) => name);
    return {
      checked: ['Namespace'],
      removed: removed ? [`Namespace/${store.namespace}`] : [],
      ...(kept.length === 0 ? {} : { kept }),
    };
  };

  readonly keepVolumes: ClusterActivities['keepVolumes'] = async ({ store, until }) => {
    const volumes = this.#volumesOf(store);
    for (const volume of volumes) volume.kept = true;
    return { kept: volumes.map(({ name }) => name), until };
  };

  #volumesOf(store: StoreTarget): readonly FakeVolume[] {
    return this.#volumes.filter(({ storeId }) => storeId === store.storeId);
  }

  #createVolume({ storeId, namespace }: StoreTarget): void {
    this.#volumesCreated += 1;
    const name = `PersistentVolume/pv-${this.#volumesCreated}`;
    this.#volumes = [...this.#volumes, { name, storeId, namespace, kept: false }];
  }

  #assertNotForeign(store: StoreTarget): void {
    const known = this.#namespaces.get(store.namespace);
    if (known === undefined || known.storeId === store.storeId) return;
    throw new StoreError('NAMESPACE_FOREIGN', `namespace ${store.namespace} belongs to another store`);
  }

  #findOwn(store: StoreTarget): FakeNamespace | undefined {
    const namespace = this.#namespaces.get(store.namespace);
    return namespace?.storeId === store.storeId ? namespace : undefined;
  }

  #namespaceOf({ store }: ActivityInput): FakeNamespace {
    const namespace = this.#findOwn(store);
    if (namespace === undefined) throw new StoreError('CLUSTER_REFUSED', `namespace ${store.namespace} does not exist`);
    return namespace;
  }
}

/** Acquires the fence for this attempt. @throws StoreError `ATTEMPT_FENCED` if a newer attempt holds it. */
function acquireFenceOn(namespace: FakeNamespace, store: StoreTarget): void {
  const token = attemptToken();
  if (isLater(namespace.fence, token)) throw fenceLost(store);
  namespace.fence = token;
}
