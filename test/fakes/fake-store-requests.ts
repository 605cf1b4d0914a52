import { workflowIdOf } from '../../domain/names.ts';
import { operationSpec, type OperationKind } from '../../domain/operations/catalogue.ts';
import { allowedActions, requestedKind } from '../../domain/store/actions.ts';
import { isByName } from '../../domain/store/list-order.ts';
import type { EventType, TenantEvent } from '../../domain/store/store.ts';
import {
  actionableOf,
  openOperation,
  versionOf,
  type CommandResult,
  type CreateStoreInput,
  type CreateStoreResult,
  type DeleteCommand,
  type DurationSamples,
  type EventPage,
  type OperationCommand,
  type OperationKey,
  type OperationListQuery,
  type OperationProgress,
  type OperationRecord,
  type StoreChange,
  type StoreCommand,
  type StoreEventsQuery,
  type StoreKey,
  type StorePage,
  type StoreRecord,
  type StoreRequests,
} from '../../db/index.ts';
import type { AllStoresQuery } from '../../db/stores/list.ts';
import { MemoryClusters } from './memory-clusters.ts';

/** Columns that are empty in a store without history. */
const NEW_STORE = {
  nodes: 'unknown',
  verification: null,
  onFailure: 'cleanup',
  overrides: null,
  volumePolicy: null,
  driftSince: null,
  driftObjects: null,
  lastVerifiedAt: null,
  degradedSince: null,
  degradedCause: null,
  conditions: [],
  repairs: [],
  deleteRequestedAt: null,
  readyAt: null,
  deletedAt: null,
} as const satisfies Partial<StoreRecord>;

/** Columns that are empty in an operation that no run has taken up. */
const NEW_OPERATION = {
  status: 'requested',
  runId: null,
  step: null,
  failureCode: null,
  failureMessage: null,
  failureStep: null,
  failureEvidence: null,
  queuedSince: null,
  slotGrantedAt: null,
  heldUntil: null,
  cancelRequestedAt: null,
  undeleteWindowSeconds: null,
  undeleteUntil: null,
  undeleteRequestedAt: null,
  restarts: 0,
  restartedAt: null,
  startedAt: null,
  endedAt: null,
} as const satisfies Partial<OperationRecord>;

/** The store records in memory, with the same answers as the database gives. */
export class FakeStoreRequests implements StoreRequests {
  readonly #records = new Map<string, StoreRecord>();
  readonly #operations = new Map<string, OperationRecord>();
  readonly #events: TenantEvent[] = [];
  /** The cluster that accepts the stores, or refuses them. */
  readonly clusters = new MemoryClusters();
  /** Thrown by every verb while it is set. */
  fault: Error | undefined;
  /** Called after each change, as the announcement of another process would be. */
  onChange: (change: StoreChange) => void = () => undefined;
  /** The durations of past operations. */
  durations: DurationSamples = { whole: null, steps: [] };
  /** Number of reads of events. */
  eventReads = 0;

  async create(input: CreateStoreInput): Promise<CreateStoreResult> {
    this.#mayFail();
    const { maxStores, now, operationId, requestedBy, correlationId, placement, ...columns } = input;
    const known = this.#of(input.tenantId).find((record) => record.idempotencyKey === input.idempotencyKey);
    if (known !== undefined) {
      const operation = this.#operations.get(operationId);
      if (known.requestHash !== input.requestHash || operation === undefined) return { kind: 'keyReused' };
      return { kind: 'replayed', store: known, operation };
    }
    const taken = [...this.#records.values()].some(({ namespace }) => namespace === input.namespace);
    if (taken) return { kind: 'namespaceTaken', namespace: input.namespace };
    const living = [...this.#records.values()].filter(({ status }) => status !== 'deleted');
    const placed = this.clusters.place(placement, (name) => living.filter(({ cluster }) => cluster === name).length);
    if (placed.kind === 'refused') return { ...placed, kind: 'clusterRefused' };
    const { cluster } = placed;
    const live = this.#of(input.tenantId).filter((record) => record.status !== 'deleted').length;
    if (live >= maxStores) return { kind: 'quotaExceeded', limit: maxStores, live };
    const operation: OperationRecord = {
      ...NEW_OPERATION,
      volumePolicy: null,
      id: operationId,
      storeId: input.id,
      tenantId: input.tenantId,
      cluster,
      kind: 'provision',
      isCurrent: true,
      workflowId: workflowIdOf(input.id),
      requestedBy,
      correlationId,
      idempotencyKey: input.idempotencyKey,
      requestedAt: now,
    };
    const record: StoreRecord = {
      ...NEW_STORE,
      ...columns,
      cluster,
      status: 'requested',
      lastSeq: 0,
      createdAt: now,
      updatedAt: now,
      operation,
      pending: operation,
    };
    this.#operations.set(operation.id, operation);
    this.#records.set(record.id, record);
    return { kind: 'created', store: this.#note(operation, 'store.requested', input), operation };
  }

  async get({ tenantId, storeId }: StoreKey): Promise<StoreRecord | undefined> {
    this.#mayFail();
    const record = this.#records.get(storeId);
    return record?.tenantId === tenantId ? record : undefined;
  }

  async list(query: AllStoresQuery): Promise<StorePage> {
    this.#mayFail();
    const { limit, offset = 0, cursor, statuses, engine, text, createdFrom, createdBefore, isCounted = false } = query;
    const sort = cursor?.sort ?? query.sort ?? '-createdAt';
    const keyOf = ({ name, createdAt }: StoreRecord) => (isByName(sort) ? name : createdAt.toISOString());
    const found = this.#of(query.tenantId)
      .filter(({ status }) => (statuses === undefined ? status !== 'deleted' : statuses.includes(status)))
      .filter((record) => query.cluster === undefined || record.cluster === query.cluster)
      .filter((record) => engine === undefined || record.engine === engine)
      .filter(({ name }) => text === undefined || name.toLowerCase().includes(text.toLowerCase()))
      .filter(({ createdAt }) => createdFrom === undefined || createdAt >= createdFrom)
      .filter(({ createdAt }) => createdBefore === undefined || createdAt < createdBefore)
      .toSorted((a, b) => compare([keyOf(a).toLowerCase(), a.id], [keyOf(b).toLowerCase(), b.id]));
    if (sort.startsWith('-')) found.reverse();
    const start = cursor === undefined ? offset : found.findIndex(({ id }) => id === cursor.storeId) + 1;
    const stores = found.slice(start, start + limit);
    const last = stores.at(-1);
    const hasMore = found.length > start + limit;
    const next = hasMore && last !== undefined ? { sort, key: keyOf(last), storeId: last.id } : null;
    return { stores, next, total: isCounted ? found.length : null };
  }

  async listEvents(query: StoreEventsQuery): Promise<EventPage | undefined> {
    const { storeId, operationId, after = 0, limit } = query;
    this.eventReads += 1;
    if ((await this.get(query)) === undefined) return undefined;
    const later = this.#events
      .filter((event) => event.storeId === storeId && event.seq > after)
      .filter((event) => operationId === undefined || event.operationId === operationId)
      .map(({ storeId: _storeId, tenantSeq: _tenantSeq, ...event }) => event);
    return { events: later.slice(0, limit), hasMore: later.length > limit };
  }

  async listTenantEvents({
    tenantId,
    after = 0,
    limit,
  }: Omit<StoreEventsQuery, 'storeId' | 'operationId'>): Promise<EventPage<TenantEvent>> {
    this.#mayFail();
    const later = this.#events.filter(
      ({ storeId, tenantSeq }) => tenantSeq > after && this.#records.get(storeId)?.tenantId === tenantId,
    );
    return { events: later.slice(0, limit), hasMore: later.length > limit };
  }

  async lastTenantSeq(tenantId: string): Promise<number> {
    const { events } = await this.listTenantEvents({ tenantId, limit: Number.POSITIVE_INFINITY });
    return events.at(-1)?.tenantSeq ?? 0;
  }

  async getProgress({ tenantId, operationId }: OperationKey): Promise<OperationProgress | undefined> {
    const operation = await this.getOperation({ tenantId, operationId });
    if (operation === undefined) return undefined;
    const { engine, conditions, operation: current } = this.#read(operation.storeId);
    const queued = [...this.#operations.values()]
      .filter((other) => other.tenantId === tenantId && other.queuedSince !== null)
      .toSorted((a, b) => Number(a.queuedSince) - Number(b.queuedSince));
    const position = queued.indexOf(operation) + 1;
    return {
      engine,
      conditions,
      queue: position === 0 ? null : { position, length: queued.length },
      waitsForOperation: operation.runId === null && current.runId !== null && current.endedAt === null,
      stepStartedAt: null,
    };
  }

  async readDurations(): Promise<DurationSamples> {
    this.#mayFail();
    return this.durations;
  }

  async listOperations({ tenantId, storeId, limit, offset }: OperationListQuery) {
    if ((await this.get({ tenantId, storeId })) === undefined) return undefined;
    const found = [...this.#operations.values()].filter((operation) => operation.storeId === storeId).toReversed();
    return { operations: found.slice(offset, offset + limit), total: found.length };
  }

  async getOperation({ tenantId, operationId }: OperationKey) {
    this.#mayFail();
    const operation = this.#operations.get(operationId);
    return operation?.tenantId === tenantId ? operation : undefined;
  }

  async requestDelete(command: DeleteCommand): Promise<CommandResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (isChanged(record, command)) return { kind: 'changed', store: record };
    if (record.deleteRequestedAt !== null) {
      return { kind: 'accepted', store: record, operation: record.pending ?? record.operation };
    }
    const operation = this.#addPending(record, 'delete', command);
    this.amend(record.id, { deleteRequestedAt: command.now });
    return { kind: 'accepted', store: this.#note(operation, 'delete.requested', command), operation };
  }

  async requestCancel(command: StoreCommand): Promise<CommandResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (isChanged(record, command)) return { kind: 'changed', store: record };
    const open = openOperation(record);
    if (open === null || !operationSpec(open.kind).isUndoable) return { kind: 'refused', store: record };
    if (open.cancelRequestedAt !== null) return { kind: 'accepted', store: record, operation: open };
    const operation = this.#setOperation({ ...open, cancelRequestedAt: command.now });
    return { kind: 'accepted', store: this.#note(operation, 'cancel.requested', command), operation };
  }

  async requestUndelete(command: StoreCommand): Promise<CommandResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (isChanged(record, command)) return { kind: 'changed', store: record };
    if (!allowedActions(actionableOf(record)).includes('undelete')) return { kind: 'refused', store: record };
    const operation = this.#setOperation({ ...record.operation, undeleteRequestedAt: command.now });
    return { kind: 'accepted', store: this.#note(operation, 'undelete.requested', command), operation };
  }

  async requestOperation(command: OperationCommand): Promise<CommandResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (isChanged(record, command)) return { kind: 'changed', store: record };
    const { action } = command;
    if (!allowedActions(actionableOf(record)).includes(action)) return { kind: 'refused', store: record };
    const kind = requestedKind(action) ?? (record.pending ?? record.operation).kind;
    if (record.pending?.kind === kind) return { kind: 'accepted', store: record, operation: record.pending };
    const operation = this.#addPending(record, kind, command);
    if (kind === 'delete') this.amend(record.id, { deleteRequestedAt: command.now });
    return { kind: 'accepted', store: this.#note(operation, `${action}.requested`, command), operation };
  }

  /** Changes a record, and its current operation, as a running operation would. */
  amend(
    storeId: string,
    columns: Partial<Omit<StoreRecord, 'operation' | 'pending'>>,
    operation: Partial<OperationRecord> = {},
  ): StoreRecord {
    const record = this.#records.get(storeId);
    if (record === undefined) throw new Error(`no store ${storeId}`);
    this.#records.set(storeId, { ...record, ...columns });
    this.#setOperation({ ...record.operation, ...operation });
    this.onChange({ storeId, tenantId: record.tenantId });
    return this.#read(storeId);
  }

  #read(storeId: string): StoreRecord {
    const record = this.#records.get(storeId);
    if (record === undefined) throw new Error(`no store ${storeId}`);
    return record;
  }

  #addPending(record: StoreRecord, kind: OperationKind, command: DeleteCommand): OperationRecord {
    if (record.pending !== null) {
      this.#setOperation({ ...record.pending, status: 'superseded', endedAt: command.now });
    }
    return this.#setOperation({
      ...NEW_OPERATION,
      id: `${record.id.slice(0, -4)}${String(this.#operations.size).padStart(4, '0')}`,
      storeId: record.id,
      tenantId: record.tenantId,
      cluster: record.cluster,
      kind,
      ...(kind === 'delete'
        ? {
            undeleteWindowSeconds: command.plan?.undeleteWindowSeconds ?? 0,
            volumePolicy: command.plan?.volumes ?? record.volumePolicy ?? 'delete',
          }
        : { volumePolicy: null }),
      isCurrent: false,
      workflowId: workflowIdOf(record.id),
      requestedBy: command.requestedBy,
      correlationId: command.correlationId,
      idempotencyKey: null,
      requestedAt: command.now,
    });
  }

  /** Writes an operation and what the store shows of it. */
  #setOperation(operation: OperationRecord): OperationRecord {
    this.#operations.set(operation.id, operation);
    const record = this.#read(operation.storeId);
    const isPending = operation.runId === null && operation.endedAt === null;
    const pending = isPending ? operation : record.pending?.id === operation.id ? null : record.pending;
    const current = operation.isCurrent ? operation : record.operation;
    this.#records.set(record.id, { ...record, operation: current, pending });
    return operation;
  }

  #of(tenantId: string | undefined): readonly StoreRecord[] {
    return [...this.#records.values()].filter((record) => tenantId === undefined || record.tenantId === tenantId);
  }

  /** Adds an event about an operation, and announces it. */
  note({ storeId, id, correlationId }: OperationRecord, type: EventType): void {
    this.#note({ storeId, id }, type, { correlationId, now: new Date() });
  }

  #note(
    { storeId, id }: Pick<OperationRecord, 'storeId' | 'id'>,
    type: EventType,
    cause: { readonly correlationId: string; readonly now: Date },
  ): StoreRecord {
    const { tenantId, lastSeq } = this.#read(storeId);
    const seq = lastSeq + 1;
    const tenantSeq =
      1 + this.#events.filter((event) => this.#records.get(event.storeId)?.tenantId === tenantId).length;
    const record = this.amend(storeId, { lastSeq: seq, updatedAt: cause.now });
    this.#events.push({
      storeId,
      tenantSeq,
      seq,
      type,
      step: null,
      status: record.status,
      message: type,
      data: {},
      correlationId: cause.correlationId,
      operationId: id,
      at: cause.now.toISOString(),
    });
    this.onChange({ storeId, tenantId });
    return record;
  }

  #mayFail(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}

function isChanged(record: StoreRecord, { versions }: StoreCommand): boolean {
  return versions?.includes(versionOf(record)) === false;
}

function compare(a: readonly string[], b: readonly string[]): number {
  const [x = '', y = ''] = a[0] === b[0] ? [a[1], b[1]] : [a[0], b[0]];
  return x < y ? -1 : Number(x > y);
}
