import { join } from 'node:path';
import { engineSpec, type Engine } from '../../domain/engines/index.ts';
import { failureKind, StoreError } from '../../domain/failure.ts';
import type { Helm } from '../adapters/helm-cli.ts';
import { decodeReleaseSecret, revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { logWarning, pause } from '../runtime/activity-context.ts';
import { type Fence, acquireFence } from '../namespace/fence.ts';
import { awaitQuota } from '../namespace/namespace.ts';
import { findOwnNamespace, isTerminating } from '../namespace/lookup.ts';
import { listReleaseRecords } from './records.ts';
import { keepGrownVolumes, type VolumeChart } from './grown-volumes.ts';
import { deleteFailedObjects } from './delete-failed-objects.ts';
import { classifyRelease, nextReleaseAction, type ObservedRelease, type WantedRelease } from './next-action.ts';
import type { Owned } from '../namespace/ownership.ts';
import type { RemovalResult } from '../../domain/ports/cluster.ts';
import type { ActivityInput, EnsureReleaseInput, StoreTarget } from '../../domain/operations/inputs.ts';
import type { ReleaseResult } from '../../domain/operations/outcomes.ts';

/** Complete an uninstall, unlock, apply, observe: no regular path is longer. */
const MAX_ACTIONS = 4;
const LOCK_POLL_MS = 500;

export interface ChartSource extends VolumeChart {
  readonly name: string;
  readonly version: string;
}

export interface ReleaseDependencies {
  readonly kube: Kube;
  readonly helm: Helm;
  readonly chartOf: (engine: Engine) => ChartSource;
  readonly valuesOf: (store: StoreTarget) => Readonly<Record<string, unknown>>;
  /**
   * Age from which a pending record counts as left by a killed Helm, in ms. A dead worker is detected by a missed
   * heartbeat, later than its Helm ends; this time is for a worker that only missed its heartbeat.
   */
  readonly lockPatienceMs: number;
  readonly now: () => number;
}

/** Returns the chart of each engine in a folder. */
export function chartsIn(chartsDir: string): ReleaseDependencies['chartOf'] {
  return (engine) => {
    const { chart, chartVersion, volumeSizes } = engineSpec(engine);
    return { name: chart, version: chartVersion, dir: join(chartsDir, chart), volumeSizes };
  };
}

function wantedRelease({ name, version }: ChartSource, values: WantedRelease['values']): WantedRelease {
  return { chartName: name, chartVersion: version, values };
}

/**
 * Returns the releases that count as the present one: with the sizes of the values, and with the sizes of the volumes that
 * were enlarged by hand, which `ensureRelease` applies.
 */
export async function possibleReleases(
  kube: Kube,
  store: StoreTarget,
  { chart, values }: { readonly chart: ChartSource; readonly values: WantedRelease['values'] },
): Promise<readonly WantedRelease[]> {
  const grown = await keepGrownVolumes(kube, store.namespace, { chart, values });
  return [wantedRelease(chart, grown), wantedRelease(chart, values)];
}

export function createReleaseActivities(deps: ReleaseDependencies) {
  const { kube, helm } = deps;

  /**
   * Installs or upgrades the release to the chart and values: observes it, does the next action, and observes it again.
   * Safe to repeat: each action follows from the newest record. The result is read from the record, not from Helm's
   * exit code. A volume that an operator has enlarged keeps its size.
   *
   * @throws StoreError with a RELEASE_, CHART_ or CLUSTER_ code, a refusal of the cluster, or ATTEMPT_FENCED
   */
  async function ensureRelease({ store, reapply = false }: Owned<EnsureReleaseInput>): Promise<ReleaseResult> {
    const fence = await acquireFence(kube, store);
    if (fence === undefined) {
      throw new StoreError('CLUSTER_REFUSED', `this store has no namespace ${store.namespace} for its release`);
    }
    if (reapply) await deleteFailedObjects(kube, store);
    const chart = deps.chartOf(store.engine);
    const values = await keepGrownVolumes(kube, store.namespace, { chart, values: deps.valuesOf(store) });
    const wanted = wantedRelease(chart, values);
    let action: ReleaseResult['action'] = 'unchanged';
    let unlocked: ReleaseResult['unlocked'] = 'none';
    for (let actions = 0; actions <= MAX_ACTIONS; actions += 1) {
      const observed = await observe(store, wanted);
      switch (nextReleaseAction(observed, { reapply: reapply && action === 'unchanged' })) {
        case 'none':
          return { revision: revisionIn(observed), chartVersion: chart.version, action, unlocked };
        case 'unlock':
          unlocked = await unlock(store, observed, wanted, fence, unlocked);
          break;
        case 'uninstall':
          await fence.check();
          await helm.uninstall(addressOf(store));
          break;
        case 'install':
        case 'upgrade':
          if (action !== 'unchanged') throw mismatch(store, observed);
          await awaitQuota(kube, store);
          await fence.check();
          await helm.upgradeInstall({ ...addressOf(store), chartDir: chart.dir, values: wanted.values });
          action = revisionIn(observed) <= 1 && isNotDeployed(observed) ? 'installed' : 'upgraded';
          break;
      }
    }
    throw mismatch(store, await observe(store, wanted));
  }

  /**
   * Uninstalls the release in any state, with its objects. Safe to repeat: an absent release is success. A namespace
   * that belongs to another owner is not touched.
   *
   * @throws StoreError RELEASE_FAILED when a record remains, ATTEMPT_FENCED
   */
  async function deleteRelease({ store }: Owned<ActivityInput>): Promise<RemovalResult> {
    const namespace = await findOwnNamespace(kube, store);
    // A terminating namespace deletes the release too; Helm would only race with the namespace controller.
    if (namespace === undefined || isTerminating(namespace)) return { removed: false };
    if ((await listReleaseRecords(kube, store)).length === 0) return { removed: false };
    const fence = await acquireFence(kube, store);
    if (fence === undefined) return { removed: false };
    await awaitLock(store);
    await fence.check();
    await helm.uninstall(addressOf(store));
    if ((await listReleaseRecords(kube, store)).length > 0) {
      throw new StoreError('RELEASE_FAILED', `helm uninstalled ${store.releaseName}, but a release record remains`);
    }
    return { removed: true };
  }

  async function observe(store: StoreTarget, wanted: WantedRelease): Promise<ObservedRelease> {
    const records = await listReleaseRecords(kube, store);
    const newest = records[0];
    return classifyRelease(newest && decodeReleaseSecret(newest), records.map(revisionOf), wanted);
  }

  /** Waits until no pending record is so new that its Helm may still run, at most `lockPatienceMs`. */
  async function awaitLock(store: StoreTarget): Promise<void> {
    const until = deps.now() + deps.lockPatienceMs;
    for (;;) {
      const newest = (await listReleaseRecords(kube, store))[0];
      if (newest === undefined || !revisionOf(newest).status.startsWith('pending-')) return;
      const now = deps.now();
      if (now >= until || now - decodeReleaseSecret(newest).begunAtMs >= deps.lockPatienceMs) return;
      await pause(Math.min(LOCK_POLL_MS, until - now));
    }
  }

  async function unlock(
    store: StoreTarget,
    observed: ObservedRelease,
    wanted: WantedRelease,
    fence: Fence,
    before: ReleaseResult['unlocked'],
  ): Promise<ReleaseResult['unlocked']> {
    await awaitLock(store);
    const locked = await observe(store, wanted);
    // Otherwise that Helm has ended in the meantime.
    if (locked.kind !== 'locked' || observed.kind !== 'locked' || locked.revision !== observed.revision) return before;
    await fence.check();
    logWarning('removing the lock that a killed Helm left on the release', { ...locked });
    if (locked.lastGood !== null) {
      await rollback(store, locked.lastGood);
      return 'rolled-back';
    }
    // A first install has no revision to roll back to. The next install adopts its objects.
    const name = `sh.helm.release.v1.${store.releaseName}.v${locked.revision}`;
    await kube.callUnless(404, `delete the stale record ${name}`, () =>
      kube.core.deleteNamespacedSecret({ name, namespace: store.namespace }),
    );
    return 'removed-record';
  }

  /**
   * Rolls back, or leaves a failed record that the next upgrade replaces: the old revision can't be applied again when an
   * object was changed by hand since, such as a volume that was enlarged.
   */
  async function rollback(store: StoreTarget, revision: number): Promise<void> {
    try {
      await helm.rollback({ ...addressOf(store), revision });
    } catch (error) {
      if (!(error instanceof StoreError) || failureKind(error.code).temporalRetryable) throw error;
      logWarning('the rollback was refused; the next upgrade unlocks the release', { reason: error.message });
    }
  }

  return { ensureRelease, deleteRelease };
}

function addressOf(store: StoreTarget) {
  return { releaseName: store.releaseName, namespace: store.namespace };
}

/** Returns whether the newest revision was never deployed. */
function isNotDeployed({ kind }: ObservedRelease): boolean {
  return kind === 'absent' || kind === 'failed';
}

function revisionIn(observed: ObservedRelease): number {
  return observed.kind === 'absent' ? 0 : observed.revision;
}

function mismatch(store: StoreTarget, observed: ObservedRelease): StoreError {
  return new StoreError(
    'RELEASE_MISMATCH',
    `the release ${store.releaseName} was applied, but its newest record is ${observed.kind} at revision ${revisionIn(observed)}`,
  );
}
