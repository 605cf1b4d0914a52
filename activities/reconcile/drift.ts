import { isDeepStrictEqual } from 'node:util';
import { log } from '@temporalio/activity';
import { StoreError } from '../../domain/failure.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { withHeartbeat } from '../runtime/activity-context.ts';
import type { DriftControl, RepairInput } from './drift-repair.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

/** What is done about drift: put right, or told only. */
export const DRIFT_POLICIES = ['repair', 'report'] as const;
export type DriftPolicy = (typeof DRIFT_POLICIES)[number];

export interface InspectStoresInput {
  readonly pageSize: number;
  /** Store id to go on after. */
  readonly after: string | null;
}

export interface InspectStoresResult {
  readonly inspected: number;
  readonly drifted: number;
  readonly next: string | null;
}

export interface RepairResult {
  /** What still differs, as `Kind/name`. */
  readonly left: readonly string[];
  /** A delete was asked for meanwhile: the run goes on as that. */
  readonly next: 'delete' | null;
}

interface ReadyStore {
  readonly store: StoreTarget;
  readonly correlationId: string;
  /** What its record says of its drift. */
  readonly drift: readonly DriftedObject[];
}

/** Stores at a time: each costs the API server about two dozen reads. */
const AT_ONCE = 2;

/** Watching over ready stores. Safe to repeat: they look, apply what was installed, and write only what has changed. */
export function createDriftActivities(deps: {
  readonly drift: DriftControl;
  readonly stores: {
    listReady(query: { readonly limit: number; readonly after?: string | undefined }): Promise<readonly ReadyStore[]>;
    recordInspection(
      inspection: {
        readonly storeId: string;
        readonly drift: readonly DriftedObject[];
        readonly isAfterRepair: boolean;
      },
      now: Date,
    ): Promise<{ readonly next: 'delete' | null }>;
    reconcileStatus(storeId: string): Promise<'ready' | 'delete' | 'other'>;
  };
  readonly operations: Pick<StoreOperations, 'start'>;
  readonly policy: DriftPolicy;
  readonly now: () => Date;
}) {
  const { drift, stores, operations } = deps;

  /** Compares one page of ready stores with what was installed, tells what differs and has it put right. */
  async function inspectStores(input: InspectStoresInput): Promise<InspectStoresResult> {
    const page = await stores.listReady({ limit: input.pageSize, after: input.after ?? undefined });
    let drifted = 0;
    for (let from = 0; from < page.length; from += AT_ONCE) {
      const some = await Promise.all(page.slice(from, from + AT_ONCE).map(inspectStore));
      drifted += some.filter(Boolean).length;
    }
    const next = page.length < input.pageSize ? null : (page.at(-1)?.store.storeId ?? null);
    return { inspected: page.length, drifted, next };
  }

  /** Whether the store differs. */
  async function inspectStore({ store, correlationId, drift: known }: ReadyStore): Promise<boolean> {
    const found = await lookAt(store);
    if (found === undefined) return false;
    // Nearly always there is nothing new, and nothing to write.
    if (!isDeepStrictEqual(found, known)) {
      await stores.recordInspection({ storeId: store.storeId, drift: found, isAfterRepair: false }, deps.now());
    }
    const canBeRepaired = found.some(({ needsPerson }) => needsPerson === null);
    // An operation that holds the store's workflow id goes first; the next pass looks again.
    if (canBeRepaired && deps.policy === 'repair') await operations.start('repair', { store, correlationId });
    return found.length > 0;
  }

  /** Undefined when the cluster would not let it be looked at: one store must not keep the others from being looked after. */
  async function lookAt(store: StoreTarget): Promise<readonly DriftedObject[] | undefined> {
    try {
      return await drift.inspect(store);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === 'CLUSTER_UNAVAILABLE') throw error;
      log.warn('a store could not be inspected', { storeId: store.storeId, code: error.code, reason: error.message });
      return undefined;
    }
  }

  /** Puts a store right. Its run holds the store's workflow id, so what the record says at the start stays true. */
  async function repairStore(input: RepairInput): Promise<RepairResult> {
    const { store } = input;
    const standing = await stores.reconcileStatus(store.storeId);
    if (standing !== 'ready') return { left: [], next: standing === 'delete' ? 'delete' : null };
    const left = await drift.repair(input);
    const inspection = { storeId: store.storeId, drift: left, isAfterRepair: true };
    const { next } = await stores.recordInspection(inspection, deps.now());
    return { left: left.map(({ object }) => object), next };
  }

  return {
    inspectStores: (input: InspectStoresInput) => withHeartbeat(() => inspectStores(input)),
    repairStore: (input: RepairInput) => withHeartbeat(() => repairStore(input)),
  };
}
