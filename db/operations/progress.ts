import { and, asc, gt, isNotNull, isNull, lt, or } from 'drizzle-orm';
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
import { operationSpec, type OperationKind, type Step } from '../../domain/operations/catalogue.ts';
import type { DeletePlan } from '../../domain/store/status.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { isPending } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import { appendEvents, type EventDraft } from '../stores/events.ts';
import { joined, selectStores, targetOf, type OperationRecord, type StoreRecord } from '../stores/record.ts';
import { transitionStore, updateStore, type StoreColumns } from '../stores/transition.ts';
import { endOperation } from './end.ts';
import { endHold, hold } from './hold.ts';
import { takeUp, updateOperation } from '../stores/operations.ts';
import { adoptOperation, contextOf, lockStoreOf, runRelation, startedEvent, unendedOperation } from './run.ts';
import { stepCompleted, stepFailed, stepStarted, undoStarted } from './step-events.ts';
import { acquireTenantSlot, queueIfFull } from './tenant-slots.ts';
import { undoDelete } from './undo-delete.ts';

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
    const { current, pending } = joined;
    const rows = await selectStores(db)
      .where(
        and(
          isPending(pending),
          isNotNull(pending.id),
          // While another operation runs, its run continues as the one that waits.
          or(isNull(current.runId), isNotNull(current.endedAt)),
          lt(stores.updatedAt, query.olderThan),
          query.after === undefined ? undefined : gt(stores.id, query.after),
        ),
      )
      .orderBy(asc(stores.id))
      .limit(query.limit);
    return rows.flatMap((row) =>
      row.pending === null
        ? []
        : [{ store: targetOf(row.store), correlationId: row.pending.correlationId, kind: row.pending.kind }],
    );
  }

  return {
    begin: (input, now, bounds = UNLIMITED) => db.transaction((tx) => begin(tx, input, { ...bounds, now })),
    acquireTenantSlot: (input, _now, bounds = UNLIMITED) =>
      db.transaction((tx) => acquireTenantSlot(tx, input, bounds)),
    recordProgress: (input, now) => db.transaction((tx) => recordProgress(tx, input, now)),
    hold: (input, until, now) => db.transaction((tx) => hold(tx, input, until, now)),
    endHold: (input, now) => db.transaction((tx) => endHold(tx, input, now)),
    undoDelete: (input, now) => db.transaction((tx) => undoDelete(tx, input, now)),
    end: (input, now) => db.transaction((tx) => endOperation(tx, input, now)),
    listUnstarted,
  };
}

async function begin(
  tx: Transaction,
  input: ActivityInput,
  bounds: TenantSlotLimits & { readonly now: Date },
): Promise<BeginOutcome> {
  const { run } = input;
  const { now } = bounds;
  const record = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, record, run);
  // Delivered again: this run has begun before, whatever has happened since.
  if (relation === 'current') return begun(record, record.operation);
  if (run.kind === 'provision' && record.deleteRequestedAt !== null) return { kind: 'superseded' };
  if (relation === 'past') return begun(record, record.operation);
  const to = operationSpec(run.kind).runningStatus;
  if (record.status === to && unendedOperation(record, run) !== null) {
    const { operation } = await adoptOperation(tx, record, input, now);
    return begun(record, operation);
  }
  const operation = await takeUp(tx, record, run, now);
  await appendEvents(tx, contextOf(input, now), [startedEvent(run, to)]);
  const set = startedStoreColumns(record, input, now);
  // A delete that was requested again while its undo was under way finds the store in status `deleting`.
  if (record.status === to) await updateStore(tx, { storeId: record.id, set, now });
  else await transitionStore(tx, { storeId: record.id, to, set, now });
  return begun(record, await queueIfFull(tx, { ...record, status: to, operation }, input, bounds));
}

function begun(record: StoreRecord, { kind, queuedSince }: OperationRecord): BeginOutcome {
  return {
    kind: 'begun',
    ...(kind === 'delete' ? deletePlanOf(record) : {}),
    ...(queuedSince === null ? {} : { tenantSlot: 'queued' }),
  };
}

/** How to delete, unless it is at once and with all volumes. A store that never was ready has no data to keep. */
function deletePlanOf(record: StoreRecord): { readonly deletion?: DeletePlan } {
  const undeleteWindowSeconds = record.readyAt === null ? 0 : record.undeleteWindowSeconds;
  const volumes = record.volumePolicy ?? 'delete';
  if (undeleteWindowSeconds === 0 && volumes === 'delete') return {};
  return { deletion: { undeleteWindowSeconds, volumes } };
}

function startedStoreColumns(record: StoreRecord, { run, store }: ActivityInput, now: Date): StoreColumns {
  // A delete that was started without the API is a request all the same.
  if (run.kind === 'delete') return { deleteRequestedAt: record.deleteRequestedAt ?? now };
  return store.overrides === undefined ? {} : { overrides: store.overrides };
}

async function recordProgress(tx: Transaction, input: RecordProgressInput, now: Date): Promise<void> {
  const found = await lockStoreOf(tx, input);
  const relation = await runRelation(tx, found, input.run);
  // A held store ignores its own run until the hold ends. A new run ends the hold by adopting the operation.
  const isExpected =
    found.status === operationSpec(input.run.kind).runningStatus || (found.status === 'held' && relation === 'new');
  if (relation === 'past' || !isExpected || unendedOperation(found, input.run) === null) return;
  const record = relation === 'new' ? await adoptOperation(tx, found, input, now) : found;
  const fresh = await appendEvents(tx, contextOf(input, now), progressEvents(input, record.status));
  if (fresh.length === 0) return;
  const startedStep = fresh.some((event) => event.type === 'step.started') ? input.started : null;
  if (startedStep !== null) await updateOperation(tx, record.operation.id, { step: startedStep });
  const set: StoreColumns = {
    ...(startedStep === null ? {} : undeleteWindowColumns(record, startedStep, now)),
    ...(input.nodes === null ? {} : { nodes: input.nodes }),
  };
  if (Object.keys(set).length > 0) await updateStore(tx, { storeId: record.id, set, now });
}

function undeleteWindowColumns(record: StoreRecord, step: Step, now: Date): StoreColumns {
  if (step === 'undelete-window') {
    return { undeleteUntil: new Date(now.getTime() + record.undeleteWindowSeconds * 1_000) };
  }
  return record.undeleteUntil === null ? {} : { undeleteUntil: null };
}

function progressEvents({ run, completed, started, failed }: RecordProgressInput, status: StoreRecord['status']) {
  const events: EventDraft[] = [];
  if (completed !== null) events.push(stepCompleted(run, completed, status));
  if (failed !== null) events.push(...stepFailed(run, failed, status));
  if (failed !== null && operationSpec(run.kind).isUndoable) events.push(undoStarted(run, status));
  if (started !== null) events.push(stepStarted(run, started, status));
  return events;
}
