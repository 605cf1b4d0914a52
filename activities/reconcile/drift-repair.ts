import { assertNever } from '../../domain/assert-never.ts';
import { failureKind, StoreError } from '../../domain/failure.ts';
import type { ActivityInput, OperationRun, StoreTarget } from '../../domain/operations/types.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import type { Kube } from '../adapters/kube.ts';
import { logWarning } from '../runtime/activity-context.ts';
import { type Deviation, inspectStore } from './drift-inspection.ts';
import { type Fence, acquireFence } from '../namespace/fence.ts';

export interface DriftDependencies {
  readonly kube: Kube;
  /** Brings a release that is lost or broken to be deployed again. */
  readonly ensureRelease: (input: ActivityInput) => Promise<unknown>;
  readonly installation: () => Promise<string>;
}

/** Input of a repair: like that of an operation's activities, but it is none. */
export interface RepairInput {
  readonly store: StoreTarget;
  readonly run: Omit<OperationRun, 'kind'> & { readonly kind: 'repair' };
}

/** What differs in a store, and how to put it right. */
export interface DriftControl {
  /** @throws StoreError CLUSTER_UNAVAILABLE */
  inspect(store: StoreTarget): Promise<readonly DriftedObject[]>;
  /**
   * Puts right what can be, and tells what still differs. Safe to repeat: it applies what was installed. To be called
   * under the store's workflow id only.
   *
   * @throws StoreError ATTEMPT_FENCED, CLUSTER_UNAVAILABLE
   */
  repair(input: RepairInput): Promise<readonly DriftedObject[]>;
}

/** Drift control on a real cluster. */
export function createDriftControl({ kube, ensureRelease, installation }: DriftDependencies): DriftControl {
  async function inspect(store: StoreTarget): Promise<readonly Deviation[]> {
    return inspectStore(kube, store, await installation());
  }

  async function repairDeviation({ store, run }: RepairInput, deviation: Deviation, fence: Fence): Promise<void> {
    const { repair: way } = deviation;
    switch (way.kind) {
      case 'apply':
        await fence.check();
        // In the name of the field's owner: what someone else has taken comes back to it, and later upgrades meet no rival.
        await kube.apply(way.object, { as: way.manager });
        return;
      case 'release':
        await ensureRelease({ store, run: { ...run, kind: 'provision' } });
        return;
      case 'person':
        return;
      default:
        assertNever(way);
    }
  }

  async function repair(input: RepairInput): Promise<readonly DriftedObject[]> {
    const { store } = input;
    const fence = await acquireFence(kube, store);
    // Without a namespace of the store's there is nothing to put right, only something to tell.
    for (const deviation of fence === undefined ? [] : await inspect(store)) {
      try {
        if (fence !== undefined) await repairDeviation(input, deviation, fence);
      } catch (error) {
        // One object that the cluster refuses must not keep the others from being put right.
        if (!(error instanceof StoreError) || failureKind(error.code).temporalRetryable) throw error;
        logWarning('an object could not be put right', { object: deviation.drifted.object, reason: error.message });
      }
    }
    return (await inspect(store)).map(({ drifted }) => drifted);
  }

  return { inspect: async (store) => (await inspect(store)).map(({ drifted }) => drifted), repair };
}
