import { setTimeout as pause } from 'node:timers/promises';
import {
  actionableOf,
  openOperation,
  targetOf,
  type CommandResult,
  type OperationRecord,
  type StoreRecord,
  type StoreRequests,
} from '../../db/index.ts';
import { StoreError } from '../../domain/failure.ts';
import type { StartKind, StartOptions, StartOutcome, StoreOperations } from '../../domain/ports/store-operations.ts';
import { allowedActions } from '../../domain/store/actions.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Caller } from '../app-env.ts';
import type { ReadAhead } from '../auth/read-ahead.ts';
import { Problem } from '../problems/problem.ts';
import type { StoreAddresses } from './draft.ts';
import { toOperation, type WebUi } from './present.ts';

/** The caller of a request, and the correlation id of its log lines and events. */
export interface RequestContext {
  readonly caller: Caller;
  readonly correlationId: string;
  /** A store that was read together with the credential of the caller. */
  readonly ahead?: ReadAhead | undefined;
  /** Versions of the store in which the request may change it, from `If-Match`. Default: every version. */
  readonly versions?: readonly string[] | undefined;
  readonly log: Logger;
}

/** A store, and the operation that a request concerns. */
export interface Accepted {
  readonly store: StoreRecord;
  readonly operation: OperationRecord;
}

/** Dependencies and settings of the store service. */
export interface StoreServiceOptions {
  readonly records: StoreRequests;
  readonly operations: StoreOperations;
  /** Id of the installation. Store ids contain it. */
  readonly installation: string;
  readonly addresses: StoreAddresses;
  readonly webUi: WebUi;
  /** Stores that a tenant may have at once. */
  readonly maxStores: number;
  /** Seconds in which a delete can be undone, for requests that do not say. Default: 0. */
  readonly undeleteWindowSeconds?: number;
  /** Milliseconds between two attempts to start a run while another one closes. */
  readonly closingPauseMs?: number;
  readonly now: () => Date;
}

/**
 * A run that has recorded its end closes a moment later, and holds the store's workflow id until then. Together with
 * the pause this is about 3 s. A start that takes longer is left to the reconciler's schedule.
 */
export const START_ROUNDS = 15;
const CLOSING_PAUSE_MS = 200;

/** Creates the functions that several verbs share. */
export function createVerbTools(options: StoreServiceOptions) {
  const { records, operations, webUi, closingPauseMs = CLOSING_PAUSE_MS, now } = options;

  function start(
    kind: StartKind,
    request: RequestContext,
    store: StoreRecord,
    startOptions?: StartOptions,
  ): Promise<StartOutcome> {
    return operations.start(kind, { store: targetOf(store), correlationId: request.correlationId }, startOptions);
  }

  function commandOf(request: RequestContext, storeId: string) {
    const { tenantId, actor } = request.caller;
    const { correlationId, versions } = request;
    return { tenantId, storeId, requestedBy: actor, correlationId, versions, now: now() };
  }

  /** @throws Problem STORE_NOT_FOUND */
  async function get(request: RequestContext, storeId: string): Promise<StoreRecord> {
    const { tenantId } = request.caller;
    const read = request.ahead?.storeId === storeId ? request.ahead.read : undefined;
    // A store of another tenant would be one that the caller may not see.
    const store = read?.tenantId === tenantId ? read.store : await records.get({ tenantId, storeId });
    if (store === undefined) throw storeNotFound(storeId);
    return store;
  }

  /**
   * Returns the store and the operation of a command that the records accepted. The participle completes "A store cannot
   * be …".
   *
   * @throws Problem STORE_NOT_FOUND, PRECONDITION_FAILED, INVALID_STATE
   */
  function acceptedOf(result: CommandResult, storeId: string, participle: string): Accepted {
    if (result.kind === 'notFound') throw storeNotFound(storeId);
    if (result.kind === 'changed') throw preconditionFailed(storeId);
    if (result.kind === 'refused') throw invalidState(result.store, participle);
    return { store: result.store, operation: result.operation };
  }

  function invalidState(store: StoreRecord, participle: string): Problem {
    return new Problem('INVALID_STATE', `A store in status ${store.status} cannot be ${participle}.`, {
      extensions: { operation: shownOperation(store), allowedActions: allowedActions(actionableOf(store)) },
    });
  }

  function operationRunning(store: StoreRecord): Problem {
    const kind = openOperation(store)?.kind ?? 'operation';
    return new Problem('OPERATION_RUNNING', `The ${kind} of the store is still running.`, {
      extensions: { operation: shownOperation(store) },
    });
  }

  function shownOperation(store: StoreRecord) {
    const open = openOperation(store);
    return open === null ? null : toOperation(open, webUi);
  }

  return {
    start,
    commandOf,
    get,
    acceptedOf,
    invalidState,
    operationRunning,
    /** Waits a moment for a run that is closing. */
    pauseForClosing: () => pause(closingPauseMs),
  };
}

export type VerbTools = ReturnType<typeof createVerbTools>;

/**
 * Runs `attempt` and only logs that Temporal is unavailable or rejects the start: the request is recorded, and a schedule
 * starts operations without a run. A rejection needs an operator, who finds the reason in the log.
 */
export async function startOrLeaveToSchedule(
  request: RequestContext,
  store: StoreRecord,
  attempt: () => Promise<unknown>,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    const code = error instanceof StoreError ? error.code : undefined;
    const fields = { err: error, storeId: store.id };
    if (code === 'ORCHESTRATOR_UNAVAILABLE') {
      request.log.warn(fields, 'the operation is recorded and its run starts later');
    } else if (code === 'ORCHESTRATOR_REJECTED') {
      request.log.error(fields, 'the operation is recorded, but Temporal rejects the start of its run');
    } else throw error;
  }
}

export function preconditionFailed(storeId: string): Problem {
  return new Problem('PRECONDITION_FAILED', `The store ${storeId} has none of the versions in If-Match.`);
}

export function storeNotFound(storeId: string): Problem {
  return new Problem('STORE_NOT_FOUND', `You have no store ${storeId}.`);
}
