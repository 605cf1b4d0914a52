import { and, asc, gt, lt } from 'drizzle-orm';
import type {
  ActivityInput,
  BeginOutcome,
  EndHoldInput,
  EndOperationInput,
  EndOperationResult,
  HoldInput,
  OperationRun,
  RecordProgressInput,
  StoreTarget,
  TenantSlotLimits,
  TenantSlotResult,
} from '../../domain/operations/types.ts';
import type { DeletePlan, OperationKind, Step } from '../../domain/store/status.ts';
import { transitionStore, updateStore, type StoreColumns } from '../stores/transition.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { awaitsRun, stores } from '../schema/stores.ts';
import { stepCompleted, stepFailed, stepStarted, undoStarted } from './step-events.ts';
import { endOperation } from './end.ts';
import { undoDelete } from './undo-delete.ts';
import { endHold, hold } from './hold.ts';
import { appendEvents, type EventDraft } from '../stores/events.ts';
import { isOperationRunning, targetOf, type StoreRecord } from '../stores/record.ts';
import { queueIfFull, acquireTenantSlot } from './tenant-slots.ts';
import {
  contextOf,
  lockStoreOf,
  HOLD_CLEARED,
  operationColumns,
  runRelation,
  startedEvent,
  adoptOperation,
} from './run.ts';

/** An accepted request that no run has taken up. */
interface UnstartedOperation {
  readonly store: StoreTarget;
  readonly correlationId: string;
  readonly kind: OperationKind;
}

/** Unless told. */
const UNLIMITED: TenantSlotLimits = { maxRunning: 1_000_000 };

/**
 * What activities write. Each verb may be called twice, also at the same time, and leaves the same world as one call.
 * Every verb throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface OperationRecords {
  /**
   * Makes a run the store's current operation and moves the store to `provisioning` or `deleting`.
   * @throws StoreError STORE_NOT_FOUND
   * @throws StoreError INVALID_STATE when the store's state does not allow the operation.
   */
  begin(input: ActivityInput, now: Date, bounds?: TenantSlotLimits): Promise<BeginOutcome>;
  /** Gives a provision that waits its turn, if there is room by now. */
  acquireTenantSlot(input: ActivityInput, now: Date, bounds?: TenantSlotLimits): Promise<TenantSlotResult>;
  /**
   * Writes the end of one step and the start of the next, or why the operation is failing; nothing for a run that is over.
   * @throws StoreError STORE_NOT_FOUND
   */
  recordProgress(input: RecordProgressInput, now: Date): Promise<void>;
  /** Parks the store at the step that failed, until the given instant at most; nothing for a run that is over. */
  hold(input: HoldInput, until: Date, now: Date): Promise<void>;
  /** Ends the hold as decided, with the change of the overrides that was decided; nothing for a run that is over. */
  endHold(input: EndHoldInput, now: Date): Promise<void>;
  /** Takes back a delete that has not removed anything for good; nothing for a run that is over. */
  undoDelete(input: ActivityInput, now: Date): Promise<void>;
  /**
   * Ends a run's operation with its outcome. `next` is `delete` when a delete has been asked for while a provision ran.
   * @throws StoreError STORE_NOT_FOUND
   * @throws StoreError INVALID_STATE when another run is the store's current one, or its state does not allow the outcome.
   */
  end(input: EndOperationInput, now: Date): Promise<EndOperationResult>;
  /**
   * Requests that no run has taken up and that nothing has touched since `olderThan`, in the order of store ids.
   * `after` is the store id that ended the page before.
   */
  listUnstarted(query: {
    readonly olderThan: Date;
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<readonly UnstartedOperation[]>;
}

/** The worker's side of the store records. */
export function createOperationRecords(db: Database): OperationRecords {
  async function listUnstarted(query: { olderThan: Date; limit: number; after?: string | undefined }) {
    const records = await db
      .select()
      .from(stores)
      .where(
        and(
          awaitsRun(stores),
          lt(stores.updatedAt, query.olderThan),
          query.after === undefined ? undefined : gt(stores.id, query.after),
        ),
      )
      .orderBy(asc(stores.id))
      .limit(query.limit);
    return records.map((record) => ({
      store: targetOf(record),
      correlationId: record.correlationId,
      kind: record.deleteRequestedAt === null ? ('provision' as const) : ('delete' as const),
    }));
  }

  return {
    begin: (input, now, bounds = UNLIMITED) => db.transaction((tx) => begin(tx, input, { ...bounds, now })),
    acquireTenantSlot: (input, now, bounds = UNLIMITED) =>
      db.transaction((tx) => acquireTenantSlot(tx, input, { ...bounds, now })),
    recordProgress: (input, now) => db.transaction((tx) => recordProgress(tx, input, now)),
    hold: (input, until, now) => db.transaction((tx) => hold(tx, input, until, now)),
    endHold: (input, now) => db.transaction((tx) => endHold(tx, input, now)),
    undoDelete: (input, now) => db.transaction((tx) => undoDelete(tx, input, now)),
    end: (input, now) => db.transaction((tx) => endOperation(tx, input, now)),
    listUnstarted,
  };
}

const STATUS_OF = { provision: 'provisioning', delete: 'deleting' } as const satisfies Record<
  OperationKind,
  StoreRecord['status']
>;

async function begin(
  tx: Transaction,
  input: ActivityInput,
  bounds: TenantSlotLimits & { readonly now: Date },
): Promise<BeginOutcome> {
  const { run } = input;
  const { now } = bounds;
  const record = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, record, run);
  const begun: BeginOutcome = { kind: 'begun', ...deletePlanOf(record, run), ...tenantSlotOf(record) };
  // Delivered again: this run has begun before, whatever became of it since.
  if (relation === 'current') return begun;
  if (run.kind === 'provision' && record.deleteRequestedAt !== null) return { kind: 'superseded' };
  if (relation === 'past') return begun;
  const to = STATUS_OF[run.kind];
  if (record.status === to) {
    await adoptOperation(tx, record, input, now);
    return begun;
  }
  await appendEvents(tx, contextOf(input, now), [startedEvent(run, to)]);
  const moved = await transitionStore(tx, {
    storeId: record.id,
    to,
    set: startedOperationColumns(record, input, now),
    now,
  });
  if (run.kind !== 'provision') return begun;
  return { kind: 'begun', ...tenantSlotOf(await queueIfFull(tx, moved, input, bounds)) };
}

function tenantSlotOf({ queuedSince }: StoreRecord): { readonly turn?: 'awaited' } {
  return queuedSince === null ? {} : { turn: 'awaited' };
}

/** How to delete, unless it is at once and all of it. A store that never was ready has nothing worth waiting for. */
function deletePlanOf(record: StoreRecord, run: OperationRun): { readonly deletion?: DeletePlan } {
  const undeleteWindowSeconds = record.readyAt === null ? 0 : record.undeleteWindowSeconds;
  const volumes = record.volumePolicy ?? 'delete';
  if (run.kind !== 'delete' || (undeleteWindowSeconds === 0 && volumes === 'delete')) return {};
  return { deletion: { undeleteWindowSeconds, volumes } };
}

function startedOperationColumns(record: StoreRecord, { run, store }: ActivityInput, now: Date): StoreColumns {
  const columns = { ...operationColumns(run, now), ...HOLD_CLEARED };
  // A delete that was started without the API is a request all the same.
  if (run.kind === 'delete') return { ...columns, deleteRequestedAt: record.deleteRequestedAt ?? now };
  return store.overrides === undefined ? columns : { ...columns, overrides: store.overrides };
}

async function recordProgress(tx: Transaction, input: RecordProgressInput, now: Date): Promise<void> {
  const found = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, found, input.run);
  const isExpected =
    found.status === STATUS_OF[input.run.kind] || (found.status === 'held' && relation === 'new' && !isDelete(input));
  const isHappening = isExpected && isOperationRunning(found);
  if (relation === 'past' || !isHappening) return;
  const record = relation === 'new' ? await adoptOperation(tx, found, input, now) : found;
  const fresh = await appendEvents(tx, contextOf(input, now), progressEvents(input, record.status));
  const set: StoreColumns = {
    ...(fresh.some((event) => event.type === 'step.started') ? startedStepColumns(record, input.started, now) : {}),
    ...(input.nodes === null ? {} : { nodes: input.nodes }),
  };
  if (fresh.length > 0 && Object.keys(set).length > 0) await updateStore(tx, { storeId: record.id, set, now });
}

function isDelete({ run }: ActivityInput): boolean {
  return run.kind === 'delete';
}

function startedStepColumns(record: StoreRecord, step: Step | null, now: Date): StoreColumns {
  if (step !== 'undelete-window') return { operationStep: step, undeleteUntil: null };
  return { operationStep: step, undeleteUntil: new Date(now.getTime() + record.undeleteWindowSeconds * 1_000) };
}

function progressEvents({ run, completed, started, failed }: RecordProgressInput, status: StoreRecord['status']) {
  const events: EventDraft[] = [];
  if (completed !== null) events.push(stepCompleted(run, completed, status));
  if (failed !== null) events.push(...stepFailed(run, failed, status));
  // A failed delete undoes nothing: what is gone is gone.
  if (failed !== null && run.kind === 'provision') events.push(undoStarted(run, status));
  if (started !== null) events.push(stepStarted(run, started, status));
  return events;
}
