import type { FailureCode } from '../failure.ts';
import type { SignalAction } from '../store/actions.ts';
import type { OverrideChange } from '../store/overrides.ts';
import type { OperationKind, ReconcileKind } from '../operations/catalogue.ts';
import type { OperationInput } from '../operations/inputs.ts';

/** Kind of a run to start: an operation of the store, or a run of the reconciler. */
export type StartKind = OperationKind | ReconcileKind;

export interface StartOptions {
  /** The store must never have had a run. A second wall behind the record's unique idempotency key. Default: false. */
  readonly isFirst?: boolean;
}

export type StartOutcome =
  | { readonly kind: 'started'; readonly runId: string }
  /** Another run holds the store's workflow id or, for a first start, has held it. */
  | { readonly kind: 'alreadyStarted' };

/** A signal to the open run of a store. */
export interface StoreMessage {
  readonly action: SignalAction;
  /** A change of the store's overrides. Only for `continue`. */
  readonly overrides?: OverrideChange | undefined;
}

export type RunState =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly at: Date | null }
  | { readonly kind: 'unknown' };

/** A step of an open run that Temporal repeats, because an attempt failed. */
export interface StepRetry {
  /** Number of the attempt that runs or comes next; 2 is the first repetition. */
  readonly attempt: number;
  /** Why the last attempt failed. `code` is null if it gave none, for example because its worker was killed. */
  readonly lastFailure: { readonly code: FailureCode | null; readonly message: string };
  /** When the next attempt begins. Null: it runs. */
  readonly nextAttemptAt: Date | null;
}

/**
 * The requests that the API and the reconciler send to Temporal. Each method also throws a StoreError
 * ORCHESTRATOR_REJECTED, with the reason, when Temporal answers that it rejects the request.
 */
export interface StoreOperations {
  /** @throws StoreError ORCHESTRATOR_UNAVAILABLE when Temporal gives no answer within the deadline. */
  start(kind: StartKind, input: OperationInput, options?: StartOptions): Promise<StartOutcome>;
  /**
   * Requests the cancellation of the open run of a store. `notRunning`: the store has no open run.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  cancel(storeId: string): Promise<'requested' | 'notRunning'>;
  /**
   * Signals a decision to the open run of a store. A run that does not wait ignores it. `notRunning`: there is no open
   * run.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  signal(storeId: string, message: StoreMessage): Promise<'delivered' | 'notRunning'>;
  /**
   * Tells the open run of a store that its operation was given a tenant slot. A run that does not wait for one ignores it.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  signalTenantSlot(storeId: string): Promise<'delivered' | 'notRunning'>;
  /**
   * Returns whether a run holds the store's workflow id. `closed`: when the last run closed. `unknown`: there is no
   * history.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  observe(storeId: string): Promise<RunState>;
  /**
   * Returns the repetition of the present step of a run, or null if its first attempt runs or the run has ended.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  retryOf(storeId: string, runId: string): Promise<StepRetry | null>;
  /** Resolves when Temporal answers. @throws StoreError ORCHESTRATOR_UNAVAILABLE */
  ping(): Promise<void>;
}
