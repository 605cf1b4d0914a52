import { workflowIdOf } from '../../domain/names.ts';
import type { EventType, StoreEvent } from '../../domain/store/store.ts';
import {
  isOperationRunning,
  type CommandResult,
  type CreateStoreInput,
  type CreateStoreResult,
  type DeleteCommand,
  type RetryResult,
  type StoreCommand,
  type StoreEventsQuery,
  type StoreKey,
  type StoreListQuery,
  type StoreRecord,
  type StoreRequests,
} from '../../db/index.ts';

/** Default values of the columns of a new store. */
const NEW_STORE = {
  nodes: 'unknown',
  verification: null,
  operationRunId: null,
  operationStep: null,
  operationEndedAt: null,
  queuedSince: null,
  onFailure: 'cleanup',
  overrides: null,
  heldUntil: null,
  volumePolicy: null,
  undeleteWindowSeconds: 0,
  undeleteUntil: null,
  failureCode: null,
  failureMessage: null,
  failureStep: null,
  failureEvidence: null,
  driftSince: null,
  driftObjects: null,
  lastVerifiedAt: null,
  degradedSince: null,
  degradedCause: null,
  cancelRequestedAt: null,
  deleteRequestedAt: null,
  readyAt: null,
  deletedAt: null,
} as const satisfies Partial<StoreRecord>;

/** In-memory store records that return the same results as the database. */
export class FakeStoreRequests implements StoreRequests {
  readonly #records = new Map<string, StoreRecord>();
  readonly #events = new Map<string, StoreEvent[]>();
  /** Every method throws this error while it is set. */
  fault: Error | undefined;

  async create(input: CreateStoreInput): Promise<CreateStoreResult> {
    this.#mayFail();
    const { maxStores, now, ...columns } = input;
    const known = this.#of(input.tenantId).find((record) => record.idempotencyKey === input.idempotencyKey);
    if (known !== undefined) {
      return known.requestHash === input.requestHash ? { kind: 'replayed', store: known } : { kind: 'keyReused' };
    }
    const live = this.#of(input.tenantId).filter((record) => record.status !== 'deleted').length;
    if (live >= maxStores) return { kind: 'quotaExceeded', limit: maxStores, live };
    const store: StoreRecord = {
      ...NEW_STORE,
      ...columns,
      status: 'requested',
      operationKind: 'provision',
      operationWorkflowId: workflowIdOf(input.id),
      operationStartedAt: now,
      lastSeq: 0,
      createdAt: now,
      updatedAt: now,
    };
    this.#records.set(store.id, store);
    return { kind: 'created', store: this.#note(store.id, 'store.requested', input) };
  }

  async get({ tenantId, storeId }: StoreKey): Promise<StoreRecord | undefined> {
    this.#mayFail();
    const record = this.#records.get(storeId);
    return record?.tenantId === tenantId ? record : undefined;
  }

  async list({ tenantId, limit, offset, status, engine }: StoreListQuery) {
    this.#mayFail();
    const found = this.#of(tenantId)
      .filter((record) => (status === undefined ? record.status !== 'deleted' : record.status === status))
      .filter((record) => engine === undefined || record.engine === engine)
      .toReversed();
    return { stores: found.slice(offset, offset + limit), total: found.length };
  }

  async listEvents({ tenantId, storeId }: StoreEventsQuery): Promise<readonly StoreEvent[]> {
    const record = await this.get({ tenantId, storeId });
    return record === undefined ? [] : (this.#events.get(storeId) ?? []);
  }

  async requestDelete(command: DeleteCommand): Promise<CommandResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (record.deleteRequestedAt !== null) return { kind: 'accepted', store: record };
    this.amend(record.id, {
      deleteRequestedAt: command.now,
      undeleteWindowSeconds: command.plan?.undeleteWindowSeconds ?? 0,
      volumePolicy: command.plan?.volumes ?? record.volumePolicy,
    });
    return { kind: 'accepted', store: this.#note(record.id, 'delete.requested', command) };
  }

  async requestCancel(command: StoreCommand): Promise<CommandResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (record.operationKind !== 'provision' || !isOperationRunning(record)) return { kind: 'refused', store: record };
    if (record.cancelRequestedAt !== null) return { kind: 'accepted', store: record };
    this.amend(record.id, { cancelRequestedAt: command.now });
    return { kind: 'accepted', store: this.#note(record.id, 'cancel.requested', command) };
  }

  async requestRetry(command: StoreCommand): Promise<RetryResult> {
    const record = await this.get(command);
    if (record === undefined) return { kind: 'notFound' };
    if (!['requested', 'failed', 'cancelled'].includes(record.status)) return { kind: 'refused', store: record };
    if (record.deleteRequestedAt !== null) return { kind: 'accepted', store: record, operation: 'delete' };
    if (isOperationRunning(record)) return { kind: 'accepted', store: record, operation: 'provision' };
    const operation = record.operationKind;
    this.amend(
      record.id,
      operation === 'delete'
        ? { deleteRequestedAt: command.now }
        : { operationRunId: null, operationStep: null, operationStartedAt: command.now, operationEndedAt: null },
    );
    return { kind: 'accepted', store: this.#note(record.id, 'retry.requested', command), operation };
  }

  /** Changes a record, as a running operation does. */
  amend(storeId: string, columns: Partial<StoreRecord>): StoreRecord {
    const record = this.#records.get(storeId);
    if (record === undefined) throw new Error(`no store ${storeId}`);
    const amended = { ...record, ...columns };
    this.#records.set(storeId, amended);
    return amended;
  }

  #of(tenantId: string): readonly StoreRecord[] {
    return [...this.#records.values()].filter((record) => record.tenantId === tenantId);
  }

  #note(storeId: string, type: EventType, cause: { readonly correlationId: string; readonly now: Date }): StoreRecord {
    const events = this.#events.get(storeId) ?? [];
    const seq = events.length + 1;
    const record = this.amend(storeId, { lastSeq: seq, updatedAt: cause.now });
    events.push({
      seq,
      type,
      step: null,
      status: record.status,
      message: type,
      data: {},
      correlationId: cause.correlationId,
      at: cause.now.toISOString(),
    });
    this.#events.set(storeId, events);
    return record;
  }

  #mayFail(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}
