import { and, count, desc, eq, sql, type SQL } from 'drizzle-orm';
import type { Engine } from '../../domain/engines/index.ts';
import type { DeletePlan, OperationKind, StoreStatus } from '../../domain/store/status.ts';
import type { StoreEvent } from '../../domain/store/store.ts';
import { storeCreation, type CreateStoreInput, type CreateStoreResult } from './create.ts';
import { lockStore, updateStore, type StoreColumns } from './transition.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { stores } from '../schema/stores.ts';
import { appendEvents, listEvents } from './events.ts';
import { isOperationRunning, type StoreRecord } from './record.ts';

export interface StoreKey {
  readonly tenantId: string;
  readonly storeId: string;
}

export interface StoreListQuery {
  readonly tenantId: string;
  readonly limit: number;
  readonly offset: number;
  /** Deleted stores are listed only when asked for by `deleted`. */
  readonly status?: StoreStatus | undefined;
  readonly engine?: Engine | undefined;
}

export interface StoreEventsQuery extends StoreKey {
  /** Only events with a larger `seq`. */
  readonly after?: number;
  readonly limit?: number;
}

export interface StoreCommand extends StoreKey {
  readonly correlationId: string;
  readonly now: Date;
}

export interface DeleteCommand extends StoreCommand {
  /** How to delete; what is not given is as at the store's creation: no undelete window, and its volume policy. */
  readonly plan?: Partial<DeletePlan> | undefined;
}

export type CommandResult =
  | { readonly kind: 'accepted'; readonly store: StoreRecord }
  | { readonly kind: 'notFound' }
  /** The store is not in a state that allows it. */
  | { readonly kind: 'refused'; readonly store: StoreRecord };

export type RetryResult =
  /** `operation` is what to start again. */
  | { readonly kind: 'accepted'; readonly store: StoreRecord; readonly operation: OperationKind }
  | Exclude<CommandResult, { readonly kind: 'accepted' }>;

/** What the API asks of the records. Every verb throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface StoreRequests {
  create(input: CreateStoreInput): Promise<CreateStoreResult>;
  get(key: StoreKey): Promise<StoreRecord | undefined>;
  /** Newest first, in a stable order. `total` counts all that the filters match. */
  list(query: StoreListQuery): Promise<{ readonly stores: readonly StoreRecord[]; readonly total: number }>;
  /** Oldest first; none for a store of another tenant. */
  listEvents(query: StoreEventsQuery): Promise<readonly StoreEvent[]>;
  /** Accepted in every state; one event, whatever the number of requests, and the plan of the first. */
  requestDelete(command: DeleteCommand): Promise<CommandResult>;
  /** Accepted while a provision waits for its run or runs; one event an operation. */
  requestCancel(command: StoreCommand): Promise<CommandResult>;
  /**
   * Accepted from `failed` and `cancelled`, and again for as long as no run has taken the operation up: starting it once
   * more is then all there is to do.
   */
  requestRetry(command: StoreCommand): Promise<RetryResult>;
}

/** The API's side of the store records. */
export function createStoreRequests(db: Database): StoreRequests {
  const selectStore = prepareSelect(db);

  async function get({ tenantId, storeId }: StoreKey): Promise<StoreRecord | undefined> {
    const [record] = await selectStore.execute({ tenantId, storeId });
    return record;
  }

  async function list(query: StoreListQuery) {
    const where = listed(query);
    const [page, [counted]] = await Promise.all([
      db
        .select()
        .from(stores)
        .where(where)
        .orderBy(desc(stores.createdAt), desc(stores.id))
        .limit(query.limit)
        .offset(query.offset),
      db.select({ total: count() }).from(stores).where(where),
    ]);
    return { stores: page, total: counted?.total ?? 0 };
  }

  /** Runs a command under the store's row lock. */
  function command<Result>(
    key: StoreKey,
    decide: (tx: Transaction, record: StoreRecord) => Promise<Result>,
  ): Promise<Result | { readonly kind: 'notFound' }> {
    return db.transaction(async (tx) => {
      const record = await lockStore(tx, key);
      return record === undefined ? { kind: 'notFound' as const } : await decide(tx, record);
    });
  }

  return {
    create: storeCreation(db),
    get,
    list,
    listEvents: (query) => listEvents(db, query),
    requestDelete: (input) => command(input, (tx, record) => requestDelete(tx, record, input)),
    requestCancel: (input) => command(input, (tx, record) => requestCancel(tx, record, input)),
    requestRetry: (input) => command(input, (tx, record) => requestRetry(tx, record, input)),
  };
}

/** Whoever waits for a store asks for it again and again, so this query, too, is built and planned once per connection. */
function prepareSelect(db: Database) {
  return db
    .select()
    .from(stores)
    .where(and(eq(stores.id, sql.placeholder('storeId')), eq(stores.tenantId, sql.placeholder('tenantId'))))
    .prepare('get_store');
}

/** Literals, not parameters: the planner must be able to see that the partial indexes apply. */
function listed({ tenantId, status, engine }: StoreListQuery): SQL | undefined {
  return and(
    eq(stores.tenantId, tenantId),
    status === undefined ? sql`${stores.status} <> 'deleted'` : eq(stores.status, status),
    engine === undefined ? undefined : eq(stores.engine, engine),
  );
}

async function requestDelete(tx: Transaction, record: StoreRecord, input: DeleteCommand): Promise<CommandResult> {
  if (record.deleteRequestedAt !== null) return { kind: 'accepted', store: record };
  await appendEvents(tx, input, [
    { type: 'delete.requested', dedupeKey: null, status: record.status, message: 'A delete was requested' },
  ]);
  const store = await updateStore(tx, {
    storeId: input.storeId,
    set: {
      deleteRequestedAt: input.now,
      correlationId: input.correlationId,
      undeleteWindowSeconds: input.plan?.undeleteWindowSeconds ?? 0,
      volumePolicy: input.plan?.volumes ?? record.volumePolicy,
    },
    now: input.now,
  });
  return { kind: 'accepted', store };
}

async function requestCancel(tx: Transaction, record: StoreRecord, input: StoreCommand): Promise<CommandResult> {
  if (record.operationKind !== 'provision' || !isOperationRunning(record)) return { kind: 'refused', store: record };
  if (record.cancelRequestedAt !== null) return { kind: 'accepted', store: record };
  await appendEvents(tx, input, [
    { type: 'cancel.requested', dedupeKey: null, status: record.status, message: 'A cancel was requested' },
  ]);
  const store = await updateStore(tx, {
    storeId: input.storeId,
    set: { cancelRequestedAt: input.now },
    now: input.now,
  });
  return { kind: 'accepted', store };
}

async function requestRetry(tx: Transaction, record: StoreRecord, input: StoreCommand): Promise<RetryResult> {
  const { status } = record;
  if (status !== 'requested' && status !== 'failed' && status !== 'cancelled')
    return { kind: 'refused', store: record };
  if (record.deleteRequestedAt !== null) return { kind: 'accepted', store: record, operation: 'delete' };
  if (isOperationRunning(record)) return { kind: 'accepted', store: record, operation: 'provision' };
  const operation = record.operationKind;
  await appendEvents(tx, input, [
    { type: 'retry.requested', dedupeKey: null, status, message: `A retry of the ${operation} was requested` },
  ]);
  const store = await updateStore(tx, { storeId: input.storeId, set: retried(operation, input), now: input.now });
  return { kind: 'accepted', store, operation };
}

/** A provision waits for its run again; a delete is asked for again, which a failed one had ceased to be. */
function retried(operation: OperationKind, { correlationId, now }: StoreCommand): StoreColumns {
  if (operation === 'delete') return { deleteRequestedAt: now, correlationId };
  return {
    operationRunId: null,
    operationStep: null,
    operationStartedAt: now,
    operationEndedAt: null,
    cancelRequestedAt: null,
    correlationId,
  };
}
