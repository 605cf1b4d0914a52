import type { SignalAction } from '../store/actions.ts';
import type { Overrides } from '../store/overrides.ts';
import type { OperationKind, ReconcileKind } from '../operations/catalogue.ts';
import type { OperationInput } from '../operations/inputs.ts';

/** What a start asks for: an operation of the store, or a run of the reconciler. */
export type StartKind = OperationKind | ReconcileKind;

export interface StartOptions {
  /** The store must never have had a run. A second wall behind the record's unique idempotency key. Default: false. */
  readonly isFirst?: boolean;
}

export type StartOutcome =
  | { readonly kind: 'started'; readonly runId: string }
  /** Another run holds the store's workflow id or, for a first start, has held it. */
  | { readonly kind: 'alreadyStarted' };

/** What the open run of a store is told. */
export interface StoreMessage {
  readonly action: SignalAction;
  /** Only a resume brings one: a change of the store's overrides. */
  readonly overrides?: Overrides | undefined;
}

export type RunState =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed'; readonly at: Date | null }
  | { readonly kind: 'unknown' };

/** Starting, cancelling and deciding about operations: all that the API and the reconciler ask of Temporal. */
export interface StoreOperations {
  /** @throws StoreError ORCHESTRATOR_UNAVAILABLE when Temporal gives no answer within the deadline. */
  start(kind: StartKind, input: OperationInput, options?: StartOptions): Promise<StartOutcome>;
  /**
   * Asks the open run of a store to cancel. `notRunning`: there is none, or it has closed by now.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  cancel(storeId: string): Promise<'requested' | 'notRunning'>;
  /**
   * Tells the open run of a store what was decided; a run that waits for nothing ignores it. `notRunning`: there is none.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  signal(storeId: string, message: StoreMessage): Promise<'delivered' | 'notRunning'>;
  /**
   * Whether a run holds the store's workflow id. `closed` says since when none does; `unknown`: there is no history.
   *
   * @throws StoreError ORCHESTRATOR_UNAVAILABLE
   */
  observe(storeId: string): Promise<RunState>;
  /** Resolves when Temporal answers. @throws StoreError ORCHESTRATOR_UNAVAILABLE */
  ping(): Promise<void>;
}
