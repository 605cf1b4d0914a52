import { assertNever } from '../../domain/assert-never.ts';
import { failureKind, StoreError } from '../../domain/failure.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import type { Kube } from '../adapters/kube.ts';
import { logWarning } from '../runtime/activity-context.ts';
import type { Deviation } from './deviation.ts';
import { inspectStore, type Inspection, type InspectionOptions } from './drift-inspection.ts';
import { writeReadyMark } from '../namespace/ready-mark.ts';
import { type Fence, acquireFence } from '../namespace/fence.ts';
import type { OwnedStore } from '../namespace/ownership.ts';
import type { ActivityInput, OperationRun, StoreTarget } from '../../domain/operations/inputs.ts';

export interface DriftDependencies {
  readonly kube: Kube;
  /** Deploys a lost or failed release again. */
  readonly ensureRelease: (input: ActivityInput) => Promise<unknown>;
  /** Returns the releases that `ensureRelease` may apply. */
  readonly releasesOf: InspectionOptions['releasesOf'];
  /** Id of the installation that owns the stores. */
  readonly installation: string;
  /** See `NamespaceDependencies`. */
  readonly dnsNetworks?: readonly string[];
  readonly extraPerPod?: InspectionOptions['extraPerPod'];
}

/** Input of a repair. It has the form of an operation's activity input, but a repair is not an operation. */
export interface RepairInput {
  readonly store: StoreTarget;
  readonly run: Omit<OperationRun, 'kind'> & { readonly kind: 'repair' };
}

/** Finds and repairs the drift of a store. */
export interface DriftControl {
  /** Returns the objects that differ from the installed ones. @throws StoreError CLUSTER_UNAVAILABLE */
  inspect(store: StoreTarget): Promise<readonly DriftedObject[]>;
  /**
   * Repairs the drift that the platform may repair. Safe to repeat: it applies the installed objects. Only a run that
   * holds the store's workflow id may call it.
   *
   * @param isDue Returns whether an object may be repaired now.
   * @throws StoreError ATTEMPT_FENCED, CLUSTER_UNAVAILABLE
   */
  repair(input: RepairInput, isDue: (object: DriftedObject) => boolean): Promise<RepairReport>;
}

export interface RepairReport {
  /** The objects that it tried to repair. */
  readonly repaired: readonly DriftedObject[];
  /** The objects that differ after it. */
  readonly remaining: readonly DriftedObject[];
}

/** Creates the drift control on the Kubernetes API. */
export function createDriftControl({
  kube,
  ensureRelease,
  releasesOf,
  installation,
  dnsNetworks = [],
  extraPerPod,
}: DriftDependencies): DriftControl {
  function owned(store: StoreTarget): OwnedStore {
    return { ...store, installation };
  }

  function inspectOwned(store: OwnedStore): Promise<Inspection> {
    return inspectStore(kube, store, { releasesOf, dnsNetworks, extraPerPod });
  }

  async function inspect(target: StoreTarget): Promise<readonly DriftedObject[]> {
    const store = owned(target);
    const { deviations, isMarkCurrent } = await inspectOwned(store);
    // A mark is missing if it could not be written when the store became ready. A store with drift is not marked: the
    // mark says what a repair must restore.
    if (deviations.length === 0 && !isMarkCurrent) {
      await writeReadyMark(kube, store, { runId: 'inspection', now: Date.now });
    }
    return deviations.map(({ drifted }) => drifted);
  }

  async function repairDeviation({ store, run }: RepairInput, deviation: Deviation, fence: Fence): Promise<void> {
    const { repair: method } = deviation;
    switch (method.kind) {
      case 'apply':
        await fence.check();
        // Apply as the manager that owns the fields, so that later upgrades have no conflict.
        await kube.apply(method.object, { as: method.manager });
        return;
      case 'release':
        await ensureRelease({ store, run: { ...run, kind: 'provision' } });
        return;
      case 'person':
        return;
      default:
        assertNever(method);
    }
  }

  async function repair(input: RepairInput, isDue: (object: DriftedObject) => boolean): Promise<RepairReport> {
    const store = owned(input.store);
    const fence = await acquireFence(kube, store);
    // Without a namespace of the store there is nothing to repair, only drift to report.
    const found = fence === undefined ? [] : (await inspectOwned(store)).deviations;
    const due = found.filter(({ drifted }) => isDue(drifted));
    for (const deviation of due) {
      try {
        if (fence !== undefined) await repairDeviation(input, deviation, fence);
      } catch (error) {
        // A refusal of one object must not prevent the repair of the others.
        if (!(error instanceof StoreError) || failureKind(error.code).temporalRetryable) throw error;
        logWarning('an object could not be repaired', { object: deviation.drifted.object, reason: error.message });
      }
    }
    const remaining = (await inspectOwned(store)).deviations;
    return { repaired: due.map(({ drifted }) => drifted), remaining: remaining.map(({ drifted }) => drifted) };
  }

  return { inspect, repair };
}
