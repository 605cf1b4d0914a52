import { isDeepStrictEqual } from 'node:util';
import { log } from '@temporalio/activity';
import { StoreError } from '../../domain/failure.ts';
import { activeRepairs, isRepairDue, suspendedObjects } from '../../domain/store/repairs.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { withHeartbeat } from '../runtime/activity-context.ts';
import type { DriftControl, RepairInput } from './drift-repair.ts';
import type { ReadyStore, ReconcileRecords } from '../../domain/ports/reconcile-records.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** How the reconciler handles drift: it repairs the drift, or only reports it. */
export const DRIFT_POLICIES = ['repair', 'report'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

export interface InspectStoresInput {
  readonly pageSize: number;
  /** Id of the last store of the previous page. */
  readonly after: string | null;
}

export interface InspectStoresResult {
  readonly inspected: number;
  readonly drifted: number;
  readonly next: string | null;
}

export interface RepairResult {
  /** Objects that still differ, as `Kind/name`. */
  readonly left: readonly string[];
  /** `delete`: a delete was requested in the meantime, and the run continues as that delete. */
  readonly next: 'delete' | null;
}

/** Stores that are inspected in parallel: each takes about two dozen reads from the API server. */
const PARALLEL_STORES = 2;

/**
 * Creates the activities that inspect and repair ready stores. Safe to repeat: they apply the installed objects and
 * write only changes.
 */
export function createDriftActivities(deps: {
  readonly drift: DriftControl;
  readonly stores: Pick<ReconcileRecords, 'listReady' | 'recordInspection' | 'reconcileStatus' | 'repairsOf'>;
  readonly operations: Pick<StoreOperations, 'start'>;
  readonly policy: DriftPolicy;
  readonly now: () => Date;
}) {
  const { drift, stores, operations } = deps;

  /** Compares one page of ready stores with the installed objects, records the drift and starts repairs. */
  async function inspectStores(input: InspectStoresInput): Promise<InspectStoresResult> {
    const page = await stores.listReady({ limit: input.pageSize, after: input.after ?? undefined });
    let drifted = 0;
    for (let from = 0; from < page.length; from += PARALLEL_STORES) {
      const results = await Promise.all(page.slice(from, from + PARALLEL_STORES).map(inspectStore));
      drifted += results.filter(Boolean).length;
    }
    const next = page.length < input.pageSize ? null : (page.at(-1)?.store.storeId ?? null);
    return { inspected: page.length, drifted, next };
  }

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
