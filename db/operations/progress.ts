import { and, asc, gt, isNotNull, isNull, lt, or } from 'drizzle-orm';
import type { OperationObserver } from '../../domain/ports/operation-observer.ts';
import type { OperationRecords, UnstartedQuery } from '../../domain/ports/operation-records.ts';
import { operationSpec, type Step } from '../../domain/operations/catalogue.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { isPending } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import { appendEvents, type EventDraft } from '../stores/events.ts';
import { joined, selectStores, targetOf, type OperationRecord, type StoreRecord } from '../stores/record.ts';
import { updateStore } from '../stores/transition.ts';
import { adoptOperation } from './adopt.ts';
import { begin } from './begin.ts';
import { endOperation } from './end.ts';
import { endHold, hold } from './hold.ts';
import { updateOperation, type OperationColumns } from '../stores/operations.ts';
import { noteStep, observing } from './observed-writes.ts';
import { contextOf, lockStoreOf, runRelation, unendedOperation } from './run.ts';
import { stepCompleted, stepFailed, stepStarted, undoStarted } from './step-events.ts';
import { acquireTenantSlot, type SlotLimits } from './tenant-slots.ts';
import { undoDelete } from './undo-delete.ts';
import type { RecordProgressInput, TenantSlotLimits } from '../../domain/operations/inputs.ts';
import type { RecordProgressResult } from '../../domain/operations/outcomes.ts';

/** Stands for no limit on the operations of a tenant. */
const UNLIMITED: TenantSlotLimits = { maxRunning: 1_000_000 };

/**
 * Creates the records of operations on a database.
 *
 * @param observer Learns about the steps and operations that end. Default: no observer.
 */
export function createOperationRecords(db: Database, observer?: OperationObserver): OperationRecords {
  async function listUnstarted(query: UnstartedQuery) {
    const { current, pending } = joined;
    const rows = await selectStores(db)
      .where(
        and(
          isPending(pending),
          isNotNull(pending.id),
          // While another operation runs, its run continues as the pending operation.
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

  /** Runs a verb in a transaction. */
  function inTransaction<Args extends readonly unknown[], Result>(
    verb: (tx: Transaction, ...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    return (...args) => observing(db, observer, (tx) => verb(tx, ...args));
  }

  /** Runs a verb that can take or free a tenant slot in a transaction. */
  function withSlots<Input, Result>(
    verb: (tx: Transaction, input: Input, limits: SlotLimits) => Promise<Result>,
  ): (input: Input, now: Date, limits?: TenantSlotLimits) => Promise<Result> {
    return (input, now, limits = UNLIMITED) => observing(db, observer, (tx) => verb(tx, input, { ...limits, now }));
  }

  return {
    begin: withSlots(begin),
    acquireTenantSlot: withSlots(acquireTenantSlot),
    recordProgress: inTransaction(recordProgress),
    hold: (input, until, now, limits = UNLIMITED) => db.transaction((tx) => hold(tx, input, until, { ...limits, now })),
    endHold: withSlots(endHold),
    undoDelete: inTransaction(undoDelete),
    end: withSlots(endOperation),
    listUnstarted,
  };
}

async function recordProgress(
  tx: Transaction,
  reported: RecordProgressInput,
  now: Date,
): Promise<RecordProgressResult> {
  const { run } = reported;
  const found = await lockStoreOf(tx, reported);
  const relation = await runRelation(tx, found, run);
  // A held store ignores its own run until the hold ends. A new run ends the hold by adopting the operation.
  const isExpected =
    found.status === operationSpec(run.kind).runningStatus || (found.status === 'held' && relation === 'new');
  if (relation === 'past' || !isExpected || unendedOperation(found, run) === null) return {};
  const record = relation === 'new' ? await adoptOperation(tx, found, reported, { now }) : found;
  // The caller was promised that the delete is undone: no further step starts.
  const isUndone = record.operation.undeleteRequestedAt !== null;
  const input = isUndone ? { ...reported, started: null } : reported;
  const fresh = await appendEvents(tx, contextOf(input, record.operation, now), progressEvents(input, record.status));
  noteStep(tx, input, { completed: input.completed, written: fresh });
  const step = fresh.some((event) => event.type === 'step.started') ? input.started : null;
  if (step !== null) {
    await updateOperation(tx, record.operation, { step, ...undeleteWindowColumns(record.operation, step, now) });
  }
  if (fresh.length > 0 && input.nodes !== null) {
    await updateStore(tx, { storeId: record.id, set: { nodes: input.nodes }, now });
  }
  return isUndone ? { next: 'undelete' } : {};
}

/** The window opens once: a run that follows a lost one has the rest of it. It is over before data gets lost. */
function undeleteWindowColumns(
  { undeleteUntil, undeleteWindowSeconds }: OperationRecord,
  step: Step,
  now: Date,
): OperationColumns {
  if (step === 'undelete-window' && undeleteUntil === null) {
    return { undeleteUntil: new Date(now.getTime() + (undeleteWindowSeconds ?? 0) * 1_000) };
  }
  const isStillOpen = undeleteUntil === null || undeleteUntil > now;
  return step === 'delete-namespace' && isStillOpen ? { undeleteUntil: now } : {};
}

function progressEvents({ run, completed, started, failed }: RecordProgressInput, status: StoreRecord['status']) {
  const events: EventDraft[] = [];
  if (completed !== null) events.push(stepCompleted(run, completed, status));
  if (failed !== null) events.push(...stepFailed(run, failed, status));
  if (failed !== null && operationSpec(run.kind).isUndoable) events.push(undoStarted(run, status));
  if (started !== null) events.push(stepStarted(run, started, status));
  return events;
}
