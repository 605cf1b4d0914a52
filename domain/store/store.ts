import type { VerificationFailureReason } from '../failure.ts';
import type { Step } from '../operations/catalogue.ts';
import type { StoreStatus } from './status.ts';

/** Kind of the cluster's nodes. Simulated nodes accept pods and report them as ready, but run no containers. */
export const NODE_KINDS = ['real', 'simulated', 'unknown'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/** Result of the verification of a store, and its time. */
export type Verification =
  | { readonly outcome: 'skipped'; readonly reason: string; readonly at: string }
  | {
      readonly outcome: 'passed';
      readonly at: string;
      /**
       * The verification order, which was cancelled afterwards. `number` and `total` are those that the merchant saw.
       */
      readonly order: { readonly number: string; readonly total: string };
      readonly steps: readonly { readonly step: string; readonly durationMs: number }[];
    };

/** Result of a verification that stops before the order: all steps, or the step that failed. */
export type CheckoutVerification =
  | { readonly outcome: 'passed'; readonly steps: readonly { readonly step: string; readonly durationMs: number }[] }
  | {
      readonly outcome: 'failed';
      readonly step: string;
      readonly reason: VerificationFailureReason;
      readonly message: string;
    };

/** Why the newest verification of a ready store failed. */
export interface Degradation {
  /** The verification step that failed. */
  readonly step: string;
  readonly reason: VerificationFailureReason;
  readonly message: string;
}

/** An object of a ready store that differs from the manifest that the platform applied. */
export interface DriftedObject {
  /** `Kind/name`. */
  readonly object: string;
  readonly state: 'changed' | 'missing';
  /** Paths of fields that differ, such as `spec.replicas`. At most 10, without values. Empty for a missing object. */
  readonly fields: readonly string[];
  /** Why an operator must repair the object. Null: the platform can repair it. */
  readonly needsPerson: string | null;
}

/** Types of the events of a store. */
export const EVENT_TYPES = [
  'store.requested',
  'operation.started',
  'step.started',
  'step.completed',
  'step.failed',
  'operation.queued',
  'operation.held',
  'operation.continued',
  'operation.aborted',
  'undo.started',
  'undo.completed',
  'undo.failed',
  'cancel.requested',
  'delete.requested',
  'retry.requested',
  'undelete.requested',
  'delete.undone',
  'store.adopted',
  'store.ready',
  'store.drifted',
  'store.repaired',
  'store.degraded',
  'store.recovered',
  'condition.changed',
  'leftovers.removed',
  'store.failed',
  'store.cancelled',
  'store.deleted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface StoreEvent {
  /** Starts at 1 and has no gaps. */
  readonly seq: number;
  readonly type: EventType;
  readonly step: Step | null;
  /** Status of the store after the event. */
  readonly status: StoreStatus;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly correlationId: string | null;
  /** The operation that the event is about. Null: it is about none. */
  readonly operationId: string | null;
  readonly at: string;
}

/** An event among the events of all stores of its tenant. */
export interface TenantEvent extends StoreEvent {
  readonly storeId: string;
  /** Starts at 1 in each tenant and has no gaps. */
  readonly tenantSeq: number;
}
