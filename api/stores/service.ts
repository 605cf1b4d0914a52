import { setTimeout as pause } from 'node:timers/promises';
import {
  isOperationRunning,
  actionableOf,
  targetOf,
  type StoreListQuery,
  type StoreRecord,
  type StoreRequests,
} from '../../db/index.ts';
import { StoreError } from '../../domain/failure.ts';
import { singleFlight } from '../../domain/single-flight.ts';
import { allowedActions, type StoreAction, type SignalAction } from '../../domain/store/actions.ts';
import { mergeOverrides, parseOverrides, type Overrides } from '../../domain/store/overrides.ts';
import type { StoreEvent } from '../../domain/store/store.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Caller } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { requestHashOf } from './idempotency.ts';
import { draftStore, type StoreAddresses } from './draft.ts';
import type { CreateStoreBody, DeleteStoreBody } from '../contract/schemas.ts';
import { runningOperation, type WebUi } from './present.ts';
import type { StartKind, StartOutcome, StoreOperations } from '../../domain/ports/store-operations.ts';

/** Who asks, and the thread that ties all log lines and events of the request together. */
export interface RequestContext {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly log: Logger;
}

export interface CreateInput {
  readonly idempotencyKey: string;
  readonly body: CreateStoreBody;
}

export interface CreateOutcome {
  readonly store: StoreRecord;
  readonly replayed: boolean;
}

/** The verbs behind the routes. Each throws Problem or StoreError for what the caller may know. */
export interface StoreService {
  /** Records the store, then starts its provision. `replayed`: this very request had come before. */
  create(request: RequestContext, input: CreateInput): Promise<CreateOutcome>;
  get(request: RequestContext, storeId: string): Promise<StoreRecord>;
  list(request: RequestContext, query: Omit<StoreListQuery, 'tenantId'>): ReturnType<StoreRequests['list']>;
  listEvents(request: RequestContext, storeId: string): Promise<readonly StoreEvent[]>;
  /** Accepted in every state. A provision that runs is cancelled, and goes on as the delete. The first request's plan counts. */
  delete(request: RequestContext, storeId: string, plan?: DeleteStoreBody): Promise<StoreRecord>;
  cancel(request: RequestContext, storeId: string): Promise<StoreRecord>;
  /** Does again what failed or was cancelled: the provision, or the delete. */
  retry(request: RequestContext, storeId: string): Promise<StoreRecord>;
  /** Tells the run that waits what was decided; `overrides` comes with a resume only. */
  signal(
    request: RequestContext,
    storeId: string,
    decision: { readonly action: SignalAction; readonly overrides?: unknown },
  ): Promise<StoreRecord>;
}

/** A run that has recorded its end closes a moment later, and holds the store's workflow id until then. */
const START_ROUNDS = 15; // together about 3 s; what takes longer is left to the reconciler's schedule
const CLOSING_PAUSE_MS = 200;

export function createStoreService({
  records,
  operations,
  addresses,
  webUi,
  maxStores,
  undeleteWindowSeconds = 0,
  closingPauseMs = CLOSING_PAUSE_MS,
  now,
}: {
  readonly records: StoreRequests;
  readonly operations: StoreOperations;
  readonly addresses: StoreAddresses;
  readonly webUi: WebUi;
  /** Stores a tenant may have at once. */
  readonly maxStores: number;
  /** How long a delete can be taken back that does not say; not at all unless told. */
  readonly undeleteWindowSeconds?: number;
  /** Between two looks at a run that is closing. */
  readonly closingPauseMs?: number;
  readonly now: () => Date;
}): StoreService {
  const creating = singleFlight<CreateOutcome>();

  function start(kind: StartKind, request: RequestContext, store: StoreRecord): Promise<StartOutcome> {
    return operations.start(kind, { store: targetOf(store), correlationId: request.correlationId });
  }

  function commandOf(request: RequestContext, storeId: string) {
    return { tenantId: request.caller.tenantId, storeId, correlationId: request.correlationId, now: now() };
  }

  async function get(request: RequestContext, storeId: string): Promise<StoreRecord> {
    const store = await records.get({ tenantId: request.caller.tenantId, storeId });
    if (store === undefined) throw storeNotFound(storeId);
    return store;
  }

  /** Equal requests that come at once are one request: the burst of a caller's retries costs one transaction. */
  async function create(request: RequestContext, input: CreateInput) {
    const { tenantId } = request.caller;
    const requestHash = requestHashOf(input.body);
    const key = JSON.stringify([tenantId, input.idempotencyKey, requestHash]);
    const { result, shared } = creating(key, () => createOnce(request, input, requestHash));
    const { store, replayed } = await result;
    return { store, replayed: replayed || shared };
  }

  async function createOnce(request: RequestContext, { idempotencyKey, body }: CreateInput, requestHash: string) {
    const { tenantId } = request.caller;
    const result = await records.create({
      ...draftStore({ tenantId, idempotencyKey, body, addresses }),
      idempotencyKey,
      requestHash,
      correlationId: request.correlationId,
      maxStores,
      now: now(),
    });
    if (result.kind === 'keyReused') {
      throw new Problem('IDEMPOTENCY_KEY_REUSED', 'This key belongs to an earlier request with another body.');
    }
    if (result.kind === 'quotaExceeded') {
      const { limit, live } = result;
      throw new Problem('QUOTA_EXCEEDED', `You have ${live} of ${limit} stores.`, { extensions: { limit, live } });
    }
    const { store } = result;
    // A replay starts again what may never have been started: the first request can have died right here.
    if (store.status === 'requested' && awaitsRun(store)) {
      await startLaterAtWorst(request, store, () => start('provision', request, store));
    }
    return { store, replayed: result.kind === 'replayed' };
  }

  async function list(request: RequestContext, query: Omit<StoreListQuery, 'tenantId'>) {
    return records.list({ ...query, tenantId: request.caller.tenantId });
  }

  async function listEvents(request: RequestContext, storeId: string): Promise<readonly StoreEvent[]> {
    const events = await records.listEvents({ tenantId: request.caller.tenantId, storeId });
    // Every store has at least the event of its creation.
    if (events.length === 0) throw storeNotFound(storeId);
    return events;
  }

  async function remove(request: RequestContext, storeId: string, body: DeleteStoreBody = {}): Promise<StoreRecord> {
    const plan = {
      undeleteWindowSeconds: body.undeleteWindowSeconds ?? undeleteWindowSeconds,
      ...(body.volumePolicy === undefined ? {} : { volumes: body.volumePolicy }),
    };
    const result = await records.requestDelete({ ...commandOf(request, storeId), plan });
    if (result.kind === 'notFound') throw storeNotFound(storeId);
    if (result.kind === 'refused') throw illegalMove(result.store, 'deleted', webUi);
    const { store } = result;
    await startLaterAtWorst(request, store, () => handOverToDelete(request, store));
    return store;
  }

  /** Starts the delete, or makes the run that is in the way become it. */
  async function handOverToDelete(request: RequestContext, requested: StoreRecord): Promise<void> {
    let store = requested;
    for (let round = 1; round <= START_ROUNDS && !isBeingDeleted(store); round += 1) {
      const outcome = await start('delete', request, store);
      if (outcome.kind === 'started') return;
      if (isOperationRunning(store) && store.operationKind === 'provision') {
        if ((await operations.cancel(store.id)) === 'requested') return;
      } else {
        // Either a run that is closing, or a delete that has just been started: nothing to cancel.
        await pause(closingPauseMs);
      }
      store = await get(request, store.id);
    }
  }

  async function cancel(request: RequestContext, storeId: string): Promise<StoreRecord> {
    const result = await records.requestCancel(commandOf(request, storeId));
    if (result.kind === 'notFound') throw storeNotFound(storeId);
    if (result.kind === 'refused') throw illegalMove(result.store, 'cancelled', webUi);
    if ((await operations.cancel(storeId)) === 'requested') return result.store;
    const store = await get(request, storeId);
    // Recorded but never started: the run that ends it as cancelled has to exist first.
    if (awaitsRun(store)) {
      await start('retry', request, store);
      await operations.cancel(storeId);
    }
    return store;
  }

  async function retry(request: RequestContext, storeId: string): Promise<StoreRecord> {
    const result = await records.requestRetry(commandOf(request, storeId));
    if (result.kind === 'notFound') throw storeNotFound(storeId);
    if (result.kind === 'refused') {
      if (isOperationRunning(result.store)) throw operationRunning(result.store, webUi);
      throw illegalMove(result.store, 'retried', webUi);
    }
    const kind = result.operation === 'delete' ? 'delete' : 'retry';
    for (let round = 1; ; round += 1) {
      const outcome = await start(kind, request, result.store);
      if (outcome.kind === 'started') return result.store;
      if (round === START_ROUNDS) break;
      await pause(closingPauseMs);
    }
    // The run in the way may be this very retry, asked for twice; another operation is the caller's to know.
    const store = await get(request, storeId);
    if (isOperationRunning(store) && store.operationKind !== result.operation) throw operationRunning(store, webUi);
    return store;
  }

  async function signal(
    request: RequestContext,
    storeId: string,
    { action, overrides }: { readonly action: SignalAction; readonly overrides?: unknown },
  ): Promise<StoreRecord> {
    const store = await get(request, storeId);
    if (!allows(store, action)) throw illegalMove(store, PAST_PARTICIPLES[action], webUi);
    const change = overrides === undefined ? undefined : validOverrides(store, overrides);
    if ((await operations.signal(storeId, { action, overrides: change })) === 'delivered') return store;
    const left = await get(request, storeId);
    // The run was terminated, and left its store behind: what it waited for can be had from a new one only.
    if (action !== 'continue' || !allows(left, action)) throw illegalMove(left, PAST_PARTICIPLES[action], webUi);
    await start(
      'retry',
      request,
      change === undefined ? left : { ...left, overrides: mergeOverrides(left.overrides ?? {}, change) },
    );
    return left;
  }

  return { create, get, list, listEvents, delete: remove, cancel, retry, signal };
}

/** The record says what is wanted, and a schedule starts what has a record and no run: Temporal may be away. */
async function startLaterAtWorst(
  request: RequestContext,
  store: StoreRecord,
  attempt: () => Promise<unknown>,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'ORCHESTRATOR_UNAVAILABLE') throw error;
    request.log.warn({ err: error, storeId: store.id }, 'recorded, but not started: Temporal does not answer');
  }
}

function awaitsRun(store: StoreRecord): boolean {
  return isOperationRunning(store) && store.operationRunId === null;
}

function isBeingDeleted(store: StoreRecord): boolean {
  return (
    store.status === 'deleted' || (isOperationRunning(store) && store.operationKind === 'delete' && !awaitsRun(store))
  );
}

const PAST_PARTICIPLES = {
  continue: 'continued',
  'skip-verification': 'taken on trust',
  abort: 'aborted',
  undelete: 'brought back',
} as const satisfies Record<SignalAction, string>;

function allows(store: StoreRecord, action: StoreAction): boolean {
  return allowedActions(actionableOf(store)).includes(action);
}

/** @throws Problem INVALID_REQUEST that names every field which may not be what it is */
function validOverrides(store: StoreRecord, overrides: unknown): Overrides {
  const reading = parseOverrides(store.engine, overrides);
  if (reading.kind === 'valid') return reading.overrides;
  const errors = reading.problems.map(({ pointer, detail }) => ({
    in: 'body' as const,
    pointer: `/overrides${pointer}`,
    detail,
  }));
  throw new Problem('INVALID_REQUEST', `The overrides can't be set for a ${store.engine} store.`, {
    extensions: { errors },
  });
}

function storeNotFound(storeId: string): Problem {
  return new Problem('STORE_NOT_FOUND', `You have no store ${storeId}.`);
}

function illegalMove(store: StoreRecord, participle: string, webUi: WebUi): Problem {
  return new Problem('INVALID_STATE', `A store that is ${store.status} can't be ${participle}.`, {
    extensions: { operation: runningOperation(store, webUi), allowedActions: allowedActions(actionableOf(store)) },
  });
}

function operationRunning(store: StoreRecord, webUi: WebUi): Problem {
  return new Problem('OPERATION_RUNNING', `Its ${store.operationKind} is still running.`, {
    extensions: { operation: runningOperation(store, webUi) },
  });
}
