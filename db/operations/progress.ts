import { and, asc, gt, isNotNull, isNull, lt, or } from 'drizzle-orm';
import type { OperationRecords, UnstartedQuery } from '../../domain/ports/operation-records.ts';
import { operationSpec, type Step } from '../../domain/operations/catalogue.ts';
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
import type { ActivityInput, RecordProgressInput, TenantSlotLimits } from '../../domain/operations/inputs.ts';
import type { BeginOutcome } from '../../domain/operations/outcomes.ts';

/** Stands for no limit on the operations of a tenant. */
const UNLIMITED: TenantSlotLimits = { maxRunning: 1_000_000 };

/** Creates the records of operations on a database. */
export function createOperationRecords(db: Database): OperationRecords {
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

  return {
    begin: (input, now, bounds = UNLIMITED) => db.transaction((tx) => begin(tx, input, { ...bounds, now })),
    acquireTenantSlot: (input, bounds = UNLIMITED) => db.transaction((tx) => acquireTenantSlot(tx, input, bounds)),
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
  // The activity was delivered again: this run has begun before.
  if (relation === 'current') return begun(record, record.operation);
  if (run.kind !== 'delete' && record.deleteRequestedAt !== null) return { kind: 'superseded' };
  if (relation === 'past') return begun(record, record.operation);
  const to = operationSpec(run.kind).runningStatus;
  if (record.status === to && unendedOperation(record, run) !== null) {
    const { operation } = await adoptOperation(tx, record, input, now);
    return begun(record, operation);
  }
  const operation = await takeUp(tx, record, run, now);
  await appendEvents(tx, contextOf(input, now), [startedEvent(run, to)]);
  const set = startedStoreColumns(record, input, now);
  // A delete that was requested again during its undo finds the store in status `deleting`.
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

/** Returns how to delete, unless at once and with all volumes. A store that never was ready has no data to keep. */
function deletePlanOf(record: StoreRecord): { readonly deletion?: DeletePlan } {
  const undeleteWindowSeconds = record.readyAt === null ? 0 : record.undeleteWindowSeconds;
  const volumes = record.volumePolicy ?? 'delete';
  if (undeleteWindowSeconds === 0 && volumes === 'delete') return {};
  return { deletion: { undeleteWindowSeconds, volumes } };
}

function startedStoreColumns(record: StoreRecord, { run, store }: ActivityInput, now: Date): StoreColumns {
  // A delete that was started without the API also counts as a request.
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
