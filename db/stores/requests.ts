import { and, count, desc, eq, sql } from 'drizzle-orm';
import { allowedActions, requestedKind, type RequestAction } from '../../domain/store/actions.ts';
import type { DeletePlan } from '../../domain/store/status.ts';
import { storeCreation, type CreateStoreInput, type CreateStoreResult } from './create.ts';
import { addPending, updateOperation } from './operations.ts';
import { operations } from '../schema/operations.ts';
import { lockStore, updateStore } from './transition.ts';
import type { Database, Queries, Transaction } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { stores } from '../schema/stores.ts';
import type { TenantEvent } from '../../domain/store/store.ts';
import { lastTenantSeq, listEvents, listTenantEvents, type EventPage } from './event-list.ts';
import { appendEvents } from './events.ts';
import { ofTenant } from './of-tenant.ts';
import { listStores, type StoreListQuery, type StorePage } from './list.ts';
import { readDurations, type DurationSamples, type DurationsQuery } from './durations.ts';
import { readProgress, type OperationProgress } from './progress.ts';
import {
  actionableOf,
  openOperation,
  recordOf,
  runningOperation,
  selectStores,
  versionOf,
  type OperationRecord,
  type StoreRecord,
} from './record.ts';
import { operationSpec } from '../../domain/operations/catalogue.ts';

export interface StoreKey {
  readonly tenantId: string;
  readonly storeId: string;
}

export interface OperationKey {
  readonly tenantId: string;
  readonly operationId: string;
}

export interface StoreEventsQuery extends StoreKey {
  /** Only events with a larger `seq`. Default: 0. */
  readonly after?: number | undefined;
  readonly limit: number;
  /** Only events of this operation. */
  readonly operationId?: string | undefined;
}

export interface StoreCommand extends StoreKey {
  /** Actor that sends the request. A new operation records it. */
  readonly requestedBy: string;
  readonly correlationId: string;
  /** Versions of the store in which the command is allowed ({@link versionOf}). Default: every version. */
  readonly versions?: readonly string[] | undefined;
  readonly now: Date;
}

export interface DeleteCommand extends StoreCommand {
  /**
   * How to delete. Defaults: no undelete window, and the volume policy that the store was created with. After a delete
   * that failed when its undelete window was over, no delete has a window.
   */
  readonly plan?: Partial<DeletePlan> | undefined;
}

export interface OperationCommand extends StoreCommand {
  readonly action: RequestAction;
}

export type CommandResult =
  /** `operation` is the operation that the command concerns, in its current state. */
  | { readonly kind: 'accepted'; readonly store: StoreRecord; readonly operation: OperationRecord }
  | { readonly kind: 'notFound' }
  /** The store has none of the versions of the command. */
  | { readonly kind: 'changed'; readonly store: StoreRecord }
  /** The store's state does not allow the command. */
  | { readonly kind: 'refused'; readonly store: StoreRecord };

export interface OperationListQuery extends StoreKey {
  readonly limit: number;
  readonly offset: number;
}

/**
 * The store records for the API. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer.
 */
export interface StoreRequests {
  create(input: CreateStoreInput): Promise<CreateStoreResult>;
  get(key: StoreKey): Promise<StoreRecord | undefined>;
  /** Lists stores in a stable order. */
  list(query: StoreListQuery): Promise<StorePage>;
  /** Lists events, oldest first. Returns undefined for a store of another tenant. */
  listEvents(query: StoreEventsQuery): Promise<EventPage | undefined>;
  /** Lists the events of all stores of a tenant in the order of their `tenantSeq`. */
  listTenantEvents(query: Omit<StoreEventsQuery, 'storeId' | 'operationId'>): Promise<EventPage<TenantEvent>>;
  /** Returns the `tenantSeq` of the newest event of a tenant, or 0 without an event. */
  lastTenantSeq(tenantId: string): Promise<number>;
  /** Lists operations, newest first. Returns undefined for a store of another tenant. */
  listOperations(
    query: OperationListQuery,
  ): Promise<{ readonly operations: readonly OperationRecord[]; readonly total: number } | undefined>;
  getOperation(key: OperationKey): Promise<OperationRecord | undefined>;
  /** Returns what is known about an operation besides its record. */
  getProgress(key: OperationKey): Promise<OperationProgress | undefined>;
  /** Returns how long the newest operations of a kind and an engine took. */
  readDurations(of: DurationsQuery): Promise<DurationSamples>;
  /** Requests a delete. Accepted in every state. Only the first request writes an event and sets the plan. */
  requestDelete(command: DeleteCommand): Promise<CommandResult>;
  /** Requests a cancel. Accepted while a provision is pending or runs. Writes one event per operation. */
  requestCancel(command: StoreCommand): Promise<CommandResult>;
  /**
   * Requests the undo of a delete. Accepted while its undelete window is open. From then on no step of the delete starts.
   * Writes one event per delete.
   */
  requestUndelete(command: StoreCommand): Promise<CommandResult>;
  /**
   * Requests the operation of an action. Refused if the store does not allow the action. If this operation is pending
   * already, it is returned unchanged, and the caller starts its run again.
   */
  requestOperation(command: OperationCommand): Promise<CommandResult>;
}

/** Creates the store records for the API on a database. */
export function createStoreRequests(db: Database): StoreRequests {
  const { asTenant } = db;
  const selectStore = oncePerConnection(prepareGet);

  function get({ tenantId, storeId }: StoreKey): Promise<StoreRecord | undefined> {
    return asTenant.query(tenantId, async (queries) => {
      const [row] = await selectStore(queries).execute({ tenantId, storeId });
      return row === undefined ? undefined : recordOf(row);
    });
  }

  async function getOperation(key: OperationKey) {
    const [operation] = await asTenant.query(key.tenantId, (queries) =>
      queries
        .select()
        .from(operations)
        .where(and(eq(operations.id, key.operationId), ofTenant(operations, key.tenantId))),
    );
    return operation;
  }

  /** Runs a command under the store's row lock. */
  function command(
    input: StoreCommand,
    decide: (tx: Transaction, record: StoreRecord) => Promise<CommandResult>,
  ): Promise<CommandResult> {
    return asTenant.transaction(input.tenantId, async (tx) => {
      const record = await lockStore(tx, input);
      if (record === undefined) return { kind: 'notFound' };
      if (input.versions?.includes(versionOf(record)) === false) return { kind: 'changed', store: record };
      return decide(tx, record);
    });
  }

  return {
    create: storeCreation(db),
    get,
    list: (query) => asTenant.query(query.tenantId, (queries) => listStores(queries, query)),
    listEvents: (query) => asTenant.query(query.tenantId, (queries) => listEvents(queries, query)),
    listTenantEvents: (query) => asTenant.query(query.tenantId, (queries) => listTenantEvents(queries, query)),
    lastTenantSeq: (tenantId) => asTenant.query(tenantId, (queries) => lastTenantSeq(queries, tenantId)),
    listOperations: (query) => asTenant.query(query.tenantId, (queries) => listOperations(queries, query)),
    getOperation,
    getProgress: (key) => asTenant.query(key.tenantId, (queries) => readProgress(queries, key)),
    readDurations: (of) => asTenant.query(of.tenantId, (queries) => readDurations(queries, of)),
    requestDelete: (input) => command(input, (tx, record) => requestDelete(tx, record, input)),
    requestCancel: (input) => command(input, (tx, record) => requestCancel(tx, record, input)),
    requestUndelete: (input) => command(input, (tx, record) => requestUndelete(tx, record, input)),
    requestOperation: (input) => command(input, (tx, record) => requestOperation(tx, record, input)),
  };
}

/** Prepares the query that callers poll, so that each connection plans it once. */
export function prepareGet(queries: Queries) {
  return selectStores(queries)
    .where(and(eq(stores.id, sql.placeholder('storeId')), ofTenant(stores, sql.placeholder('tenantId'))))
    .prepare('get_store');
}

async function listOperations(queries: Queries, { tenantId, storeId, limit, offset }: OperationListQuery) {
  const where = and(eq(operations.storeId, storeId), ofTenant(operations, tenantId));
  const [page, [counted]] = await Promise.all([
    queries
      .select()
      .from(operations)
      .where(where)
      .orderBy(desc(operations.requestedAt), desc(operations.id))
      .limit(limit)
      .offset(offset),
    queries.select({ total: count() }).from(operations).where(where),
  ]);
  const total = counted?.total ?? 0;
  // Every store has at least the operation of its creation.
  return total === 0 ? undefined : { operations: page, total };
}

async function requestDelete(tx: Transaction, record: StoreRecord, input: DeleteCommand): Promise<CommandResult> {
  if (record.deleteRequestedAt !== null && !isBeingUndone(record)) {
    // The delete that is pending or runs. For a deleted store, the delete that deleted it.
    const operation = record.pending?.kind === 'delete' ? record.pending : await newestDelete(tx, record);
    return { kind: 'accepted', store: record, operation };
  }
  const operation = await addPending(tx, record, { ...input, kind: 'delete', plan: possiblePlan(record, input.plan) });
  await appendEvents(tx, { ...input, operationId: operation.id }, [
    { type: 'delete.requested', dedupeKey: null, status: record.status, message: 'A delete was requested' },
  ]);
  await updateStore(tx, { storeId: input.storeId, set: { deleteRequestedAt: input.now }, now: input.now });
  return { kind: 'accepted', store: await reread(tx, input), operation };
}

/** Returns whether an undelete was accepted whose delete has not ended yet. A delete that is requested now comes after it. */
function isBeingUndone(record: StoreRecord): boolean {
  const running = runningOperation(record);
  return running !== null && running.undeleteRequestedAt !== null && record.pending?.kind !== 'delete';
}

/** Returns the plan without an undelete window when an earlier delete may have lost data. */
function possiblePlan({ operation }: StoreRecord, plan: DeleteCommand['plan']): DeleteCommand['plan'] {
  const mayHaveLostData =
    operation.kind === 'delete' && operation.status === 'failed' && operation.undeleteUntil !== null;
  return mayHaveLostData ? { ...plan, undeleteWindowSeconds: 0 } : plan;
}

async function newestDelete(tx: Transaction, record: StoreRecord): Promise<OperationRecord> {
  const [operation] = await tx
    .select()
    .from(operations)
    .where(and(eq(operations.storeId, record.id), eq(operations.kind, 'delete')))
    .orderBy(desc(operations.requestedAt), desc(operations.id))
    .limit(1);
  if (operation === undefined) throw new Error(`store ${record.id} has a delete request and no delete operation`);
  return operation;
}

async function requestCancel(tx: Transaction, record: StoreRecord, input: StoreCommand): Promise<CommandResult> {
  const open = openOperation(record);
  if (open === null || !operationSpec(open.kind).isUndoable) return { kind: 'refused', store: record };
  if (open.cancelRequestedAt !== null) return { kind: 'accepted', store: record, operation: open };
  await appendEvents(tx, { ...input, operationId: open.id }, [
    { type: 'cancel.requested', dedupeKey: null, status: record.status, message: 'A cancel was requested' },
  ]);
  const operation = await updateOperation(tx, open, { cancelRequestedAt: input.now });
  await updateStore(tx, { storeId: input.storeId, set: {}, now: input.now });
  return { kind: 'accepted', store: await reread(tx, input), operation };
}

async function requestUndelete(tx: Transaction, record: StoreRecord, input: StoreCommand): Promise<CommandResult> {
  const { operation } = record;
  if (!allowedActions(actionableOf(record)).includes('undelete')) return { kind: 'refused', store: record };
  if (operation.undeleteRequestedAt !== null) return { kind: 'accepted', store: record, operation };
  await appendEvents(tx, { ...input, operationId: operation.id }, [
    { type: 'undelete.requested', dedupeKey: null, status: record.status, message: 'An undelete was requested' },
  ]);
  const requested = await updateOperation(tx, operation, { undeleteRequestedAt: input.now });
  return { kind: 'accepted', store: await reread(tx, input), operation: requested };
}

async function requestOperation(tx: Transaction, record: StoreRecord, input: OperationCommand): Promise<CommandResult> {
  const { action } = input;
  if (!allowedActions(actionableOf(record)).includes(action)) return { kind: 'refused', store: record };
  const kind = requestedKind(action) ?? (record.pending ?? record.operation).kind;
  if (record.pending?.kind === kind) return { kind: 'accepted', store: record, operation: record.pending };
  const { volumePolicy } = record.operation;
  // The retry of a delete has no undelete window, because data may be lost already.
  const plan = volumePolicy === null ? {} : { volumes: volumePolicy };
  const operation = await addPending(tx, record, { ...input, kind, plan });
  await appendEvents(tx, { ...input, operationId: operation.id }, [
    {
      type: `${action}.requested`,
      dedupeKey: null,
      status: record.status,
      message: action === 'retry' ? `A retry of the ${kind} was requested` : `A ${kind} was requested`,
    },
  ]);
  // A failed delete has cleared the request.
  const set = kind === 'delete' ? { deleteRequestedAt: input.now } : {};
  await updateStore(tx, { storeId: input.storeId, set, now: input.now });
  return { kind: 'accepted', store: await reread(tx, input), operation };
}

/** Reads the store again after the writes of the transaction. */
async function reread(tx: Transaction, key: StoreKey): Promise<StoreRecord> {
  const record = await lockStore(tx, key);
  if (record === undefined) throw new Error(`store ${key.storeId} was deleted despite its row lock`);
  return record;
}
