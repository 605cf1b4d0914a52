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
  TurnBounds,
  TurnOutcome,
} from '../../domain/operations/types.ts';
import type { DeletePlan, OperationKind, Step } from '../../domain/store/status.ts';
import { moveStore, updateStore, type StoreColumns } from '../stores/transition.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { awaitsRun, stores } from '../schema/stores.ts';
import { stepCompleted, stepFailed, stepStarted, undoStarted } from './step-events.ts';
import { endOperation } from './end.ts';
import { undoDelete } from './undo-delete.ts';
import { endHold, hold } from './hold.ts';
import { appendEvents, type EventDraft } from '../stores/events.ts';
import { isOperationRunning, targetOf, type StoreRecord } from '../stores/record.ts';
import { queueIfCrowded, takeTurn } from './tenant-slots.ts';
import { contextOf, lockStoreOf, NOT_HELD, operationColumns, standingOf, startedEvent, succeed } from './run.ts';

/** An accepted request that no run has taken up. */
interface UnstartedOperation {
  readonly store: StoreTarget;
  readonly correlationId: string;
  readonly kind: OperationKind;
}

/** Unless told. */
const UNBOUNDED: TurnBounds = { maxRunning: 1_000_000 };

/**
 * What activities write. Each verb may be called twice, also at the same time, and leaves the same world as one call.
 * Every verb throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface StoreProgress {
  /**
   * Makes a run the store's current operation and moves the store to `provisioning` or `deleting`.
   * @throws StoreError STORE_NOT_FOUND
   * @throws StoreError ILLEGAL_MOVE when the store's state does not allow the operation.
   */
  begin(input: ActivityInput, now: Date, bounds?: TurnBounds): Promise<BeginOutcome>;
  /** Gives a provision that waits its turn, if there is room by now. */
  takeTurn(input: ActivityInput, now: Date, bounds?: TurnBounds): Promise<TurnOutcome>;
  /**
   * Writes the end of one step and the start of the next, or why the operation is failing; nothing for a run that is over.
   * @throws StoreError STORE_NOT_FOUND
   */
  recordProgress(input: RecordProgressInput, now: Date): Promise<void>;
  /** Parks the store at the step that failed, until the given instant at most; nothing for a run that is over. */
  hold(input: HoldInput, until: Date, now: Date): Promise<void>;
  /** Ends the hold as decided, with the change of the spec that was decided; nothing for a run that is over. */
  endHold(input: EndHoldInput, now: Date): Promise<void>;
  /** Takes back a delete that has not removed anything for good; nothing for a run that is over. */
  undoDelete(input: ActivityInput, now: Date): Promise<void>;
  /**
   * Ends a run's operation with its outcome. `next` is `delete` when a delete has been asked for while a provision ran.
   * @throws StoreError STORE_NOT_FOUND
   * @throws StoreError ILLEGAL_MOVE when another run is the store's current one, or its state does not allow the outcome.
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
export function createStoreProgress(db: Database): StoreProgress {
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
    begin: (input, now, bounds = UNBOUNDED) => db.transaction((tx) => begin(tx, input, { ...bounds, now })),
    takeTurn: (input, now, bounds = UNBOUNDED) => db.transaction((tx) => takeTurn(tx, input, { ...bounds, now })),
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
  bounds: TurnBounds & { readonly now: Date },
): Promise<BeginOutcome> {
  const { run } = input;
  const { now } = bounds;
  const record = await lockStoreOf(tx, input);
  const standing = await standingOf(tx, record, run);
  const begun: BeginOutcome = { kind: 'begun', ...deletionOf(record, run), ...turnOf(record) };
  // Delivered again: this run has begun before, whatever became of it since.
  if (standing === 'current') return begun;
  if (run.kind === 'provision' && record.deleteRequestedAt !== null) return { kind: 'superseded' };
  if (standing === 'past') return begun;
  const to = STATUS_OF[run.kind];
  if (record.status === to) {
    await succeed(tx, record, input, now);
    return begun;
  }
  await appendEvents(tx, contextOf(input, now), [startedEvent(run, to)]);
  const moved = await moveStore(tx, { storeId: record.id, to, set: begunColumns(record, input, now), now });
  if (run.kind !== 'provision') return begun;
  return { kind: 'begun', ...turnOf(await queueIfCrowded(tx, moved, input, bounds)) };
}

function turnOf({ waitingSince }: StoreRecord): { readonly turn?: 'awaited' } {
  return waitingSince === null ? {} : { turn: 'awaited' };
}

/** How to delete, unless it is at once and all of it. A store that never was ready has nothing worth waiting for. */
function deletionOf(record: StoreRecord, run: OperationRun): { readonly deletion?: DeletePlan } {
  const undeleteSeconds = record.readyAt === null ? 0 : record.undeleteSeconds;
  const volumes = record.volumePolicy ?? 'delete';
  if (run.kind !== 'delete' || (undeleteSeconds === 0 && volumes === 'delete')) return {};
  return { deletion: { undeleteSeconds, volumes } };
}

function begunColumns(record: StoreRecord, { run, store }: ActivityInput, now: Date): StoreColumns {
  const columns = { ...operationColumns(run, now), ...NOT_HELD };
  // A delete that was started without the API is a request all the same.
  if (run.kind === 'delete') return { ...columns, deleteRequestedAt: record.deleteRequestedAt ?? now };
  return store.spec === undefined ? columns : { ...columns, spec: store.spec };
}

async function recordProgress(tx: Transaction, input: RecordProgressInput, now: Date): Promise<void> {
  const found = await lockStoreOf(tx, input);
  const standing = await standingOf(tx, found, input.run);
  const isExpected =
    found.status === STATUS_OF[input.run.kind] || (found.status === 'held' && standing === 'new' && !isDelete(input));
  const isHappening = isExpected && isOperationRunning(found);
  if (standing === 'past' || !isHappening) return;
  const record = standing === 'new' ? await succeed(tx, found, input, now) : found;
  const fresh = await appendEvents(tx, contextOf(input, now), progressEvents(input, record.status));
  const set: StoreColumns = {
    ...(fresh.some((event) => event.type === 'step.started') ? startedColumns(record, input.started, now) : {}),
    ...(input.nodes === null ? {} : { nodes: input.nodes }),
  };
  if (fresh.length > 0 && Object.keys(set).length > 0) await updateStore(tx, { storeId: record.id, set, now });
}

function isDelete({ run }: ActivityInput): boolean {
  return run.kind === 'delete';
}

function startedColumns(record: StoreRecord, step: Step | null, now: Date): StoreColumns {
  if (step !== 'undelete-window') return { operationStep: step, undeleteUntil: null };
  return { operationStep: step, undeleteUntil: new Date(now.getTime() + record.undeleteSeconds * 1_000) };
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
