import { isDeepStrictEqual } from 'node:util';
import { log } from '@temporalio/activity';
import { StoreError } from '../../domain/failure.ts';
import { activeRepairs, isRepairDue, suspendedObjects } from '../../domain/store/repairs.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { withHeartbeat } from '../runtime/activity-context.ts';
import type { DriftControl, RepairInput } from './drift-repair.ts';
import { createInspectionPass, type InspectStoresInput, type PassPace } from './inspection-pass.ts';
import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import type { ReadyStore, ReconcileRecords } from '../../domain/ports/reconcile-records.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** How the reconciler handles drift: it repairs the drift, or only reports it. */
export const DRIFT_POLICIES = ['repair', 'report'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

export interface RepairResult {
  /** Objects that still differ, as `Kind/name`. */
  readonly left: readonly string[];
  /** `delete`: a delete was requested in the meantime, and the run continues as that delete. */
  readonly next: 'delete' | null;
}

/**
 * Creates the activities that inspect and repair ready stores. Safe to repeat: they apply the installed objects and
 * write only changes.
 */
export function createDriftActivities(deps: {
  readonly drift: DriftControl;
  readonly stores: Pick<ReconcileRecords, 'listReady' | 'recordInspection' | 'reconcileStatus' | 'repairsOf'>;
  readonly operations: Pick<StoreOperations, 'start'>;
  readonly policy: DriftPolicy;
  readonly positions: PassPositions;
  /** Rate of the pass over all ready stores. */
  readonly pace: PassPace;
  readonly now: () => Date;
}) {
  const { drift, stores, operations } = deps;

  /** Compares the next page of ready stores with the installed objects, records the drift and starts repairs. */
  const inspectStores = createInspectionPass({ ...deps, inspect: inspectStore });

  /** Returns whether the store has drift. */
  async function inspectStore(ready: ReadyStore): Promise<boolean> {
    const { store, correlationId, drift: known } = ready;
    const found = await inspectOrSkip(store);
    if (found === undefined) return false;
    const now = deps.now();
    const repairs = activeRepairs(ready.repairs, known, now);
    const isSuspended = suspendedObjects(found, repairs).length > 0;
    // Usually nothing has changed and nothing is written.
    if (!isDeepStrictEqual(found, known) || isSuspended !== ready.areRepairsSuspended) {
      await stores.recordInspection({ storeId: store.storeId, drift: found, repaired: null }, now);
    }
    const canBeRepaired = found.some((object) => isRepairDue(object, repairs, now));
    // The repair does not start while an operation holds the store's workflow id; the next pass inspects again.
    if (canBeRepaired && deps.policy === 'repair') await operations.start('repair', { store, correlationId });
    return found.length > 0;
  }

  /** Returns undefined when the cluster refuses the inspection: one store must not block the others. */
  async function inspectOrSkip(store: StoreTarget): Promise<readonly DriftedObject[] | undefined> {
    try {
      return await drift.inspect(store);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === 'CLUSTER_UNAVAILABLE') throw error;
      log.warn('a store could not be inspected', { storeId: store.storeId, code: error.code, reason: error.message });
      return undefined;
    }
  }

  /** Repairs a store. The run holds the store's workflow id, so the status that is read first stays valid. */
  async function repairStore(input: RepairInput): Promise<RepairResult> {
    const { store } = input;
    const status = await stores.reconcileStatus(store.storeId);
    if (status !== 'ready') return { left: [], next: status === 'delete' ? 'delete' : null };
    const now = deps.now();
    const repairs = await stores.repairsOf(store.storeId, now);
    const { repaired, remaining } = await drift.repair(input, (object) => isRepairDue(object, repairs, now));
    const inspection = { storeId: store.storeId, drift: remaining, repaired };
    const { next } = await stores.recordInspection(inspection, deps.now());
    return { left: remaining.map(({ object }) => object), next };
  }

  return {
    inspectStores: (input: InspectStoresInput) => withHeartbeat(() => inspectStores(input)),
    repairStore: (input: RepairInput) => withHeartbeat(() => repairStore(input)),
  };
}
