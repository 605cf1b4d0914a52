import { join } from 'node:path';
import { engineSpec, type Engine } from '../../domain/engines/index.ts';
import { StoreError } from '../../domain/failure.ts';
import type { ActivityInput, EnsureReleaseInput, ReleaseResult, StoreTarget } from '../../domain/operations/types.ts';
import type { Helm } from '../adapters/helm-cli.ts';
import { decodeReleaseSecret, revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { logWarning, pause } from '../runtime/activity-context.ts';
import { type Fence, acquireFence } from '../namespace/fence.ts';
import { awaitQuota } from '../namespace/namespace.ts';
import { findOwnNamespace, isTerminating } from '../namespace/lookup.ts';
import { listReleaseRecords } from './records.ts';
import { deleteFailedObjects } from './delete-failed-objects.ts';
import { classifyRelease, nextReleaseAction, type ObservedRelease, type WantedRelease } from './next-action.ts';
import type { RemovalResult } from '../../domain/ports/cluster.ts';

/** Finish an uninstall, unlock, apply, look: no healthy path is longer. */
const MAX_ACTIONS = 4;
const LOCK_POLL_MS = 500;

export interface ChartSource {
  readonly name: string;
  readonly version: string;
  readonly dir: string;
}

export interface ReleaseDependencies {
  readonly kube: Kube;
  readonly helm: Helm;
  readonly chartOf: (engine: Engine) => ChartSource;
  readonly valuesOf: (store: StoreTarget) => Readonly<Record<string, unknown>>;
  /**
   * How old a pending record must be before it counts as left by a dead Helm. Its worker's death was noticed by a missed
   * heartbeat, which takes longer than Helm does; the patience is for a worker that only looked dead.
   */
  readonly lockPatienceMs: number;
  readonly now: () => number;
}

/** One chart per engine in a folder. */
export function chartsIn(chartsDir: string): ReleaseDependencies['chartOf'] {
  return (engine) => {
    const { chart, chartVersion } = engineSpec(engine);
    return { name: chart, version: chartVersion, dir: join(chartsDir, chart) };
  };
}

export function createReleaseActivities(deps: ReleaseDependencies) {
  const { kube, helm } = deps;

  /**
   * Brings the release to the wanted chart and values: looks, does the one next thing, looks again. Safe to repeat, since
   * it acts on what the newest record says and not on what an earlier attempt meant to do. Success is what is read back.
   *
   * @throws StoreError of the RELEASE_, CHART_ and CLUSTER_ codes, ATTEMPT_FENCED
   */
  async function ensureRelease({ store, reapply = false }: EnsureReleaseInput): Promise<ReleaseResult> {
    const fence = await acquireFence(kube, store);
    if (fence === undefined) {
      throw new StoreError('CLUSTER_REFUSED', `there is no namespace ${store.namespace} to install into`);
    }
    if (reapply) await deleteFailedObjects(kube, store);
    const chart = deps.chartOf(store.engine);
    const wanted = { chartName: chart.name, chartVersion: chart.version, values: deps.valuesOf(store) };
    let action: ReleaseResult['action'] = 'unchanged';
    let unlocked: ReleaseResult['unlocked'] = 'none';
    for (let actions = 0; actions <= MAX_ACTIONS; actions += 1) {
      const seen = await observe(store, wanted);
      switch (nextReleaseAction(seen, { reapply: reapply && action === 'unchanged' })) {
        case 'none':
          return { revision: revisionIn(seen), chartVersion: chart.version, action, unlocked };
        case 'unlock':
          unlocked = await unlock(store, seen, wanted, fence, unlocked);
          break;
        case 'uninstall':
          await fence.check();
          await helm.uninstall(addressOf(store));
          break;
        case 'install':
        case 'upgrade':
          if (action !== 'unchanged') throw mismatch(store, seen);
          await awaitQuota(kube, store);
          await fence.check();
          await helm.upgradeInstall({ ...addressOf(store), chartDir: chart.dir, values: wanted.values });
          action = revisionIn(seen) <= 1 && isUnfit(seen) ? 'installed' : 'upgraded';
          break;
      }
    }
    throw mismatch(store, await observe(store, wanted));
  }

  /**
   * Removes the release with its objects. Safe to repeat: absent is success, whatever state the release is in it is
   * removed, and what counts is that no record is left. Without a namespace of ours there is nothing to do.
   */
  async function deleteRelease({ store }: ActivityInput): Promise<RemovalResult> {
    const namespace = await findOwnNamespace(kube, store);
    // A namespace that is going takes the release with it; Helm would only race against that.
    if (namespace === undefined || isTerminating(namespace)) return { removed: false };
    if ((await listReleaseRecords(kube, store)).length === 0) return { removed: false };
    const fence = await acquireFence(kube, store);
    if (fence === undefined) return { removed: false };
    await settle(store);
    await fence.check();
    await helm.uninstall(addressOf(store));
    const left = await listReleaseRecords(kube, store);
    if (left.length > 0) {
      throw new StoreError('RELEASE_FAILED', `helm uninstalled ${store.releaseName} but its record is still there`);
    }
    return { removed: true };
  }

  async function observe(store: StoreTarget, wanted: WantedRelease): Promise<ObservedRelease> {
    const records = await listReleaseRecords(kube, store);
    const newest = records[0];
    return classifyRelease(newest && decodeReleaseSecret(newest), records.map(revisionOf), wanted);
  }

  /** Waits until no record is so freshly pending that its Helm may be alive; never longer than the patience itself. */
  async function settle(store: StoreTarget): Promise<void> {
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
    seen: ObservedRelease,
    wanted: WantedRelease,
    fence: Fence,
    before: ReleaseResult['unlocked'],
  ): Promise<ReleaseResult['unlocked']> {
    await settle(store);
    const still = await observe(store, wanted);
    if (still.kind !== 'locked' || seen.kind !== 'locked' || still.revision !== seen.revision) return before; // it was alive
    await fence.check();
    logWarning('clearing the lock that a killed helm left on the release', { ...still });
    if (still.lastGood !== null) {
      await helm.rollback({ ...addressOf(store), revision: still.lastGood });
      return 'rolled-back';
    }
    // A first install has nothing to roll back to. Its objects stay and are taken over by the next install.
    const name = `sh.helm.release.v1.${store.releaseName}.v${still.revision}`;
    await kube.callUnless(404, `remove the stale record ${name}`, () =>
      kube.core.deleteNamespacedSecret({ name, namespace: store.namespace }),
    );
    return 'removed-record';
  }

  return { ensureRelease, deleteRelease };
}

function addressOf(store: StoreTarget) {
  return { releaseName: store.releaseName, namespace: store.namespace };
}

/** Whether there is no revision that was ever deployed as it was asked for. */
function isUnfit(seen: ObservedRelease): boolean {
  return seen.kind === 'absent' || seen.kind === 'failed';
}

function revisionIn(seen: ObservedRelease): number {
  return seen.kind === 'absent' ? 0 : seen.revision;
}

function mismatch(store: StoreTarget, seen: ObservedRelease): StoreError {
  return new StoreError(
    'RELEASE_MISMATCH',
    `the release ${store.releaseName} was applied, but its newest record is ${seen.kind}, revision ${revisionIn(seen)}`,
  );
}
