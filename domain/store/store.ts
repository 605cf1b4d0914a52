import type { VerificationFailureReason } from '../failure.ts';
import type { Step } from '../operations/catalogue.ts';
import type { StoreStatus } from './status.ts';

/** Whether pods really run: simulated nodes admit, schedule and report pods, but nothing is served behind them. */
export type NodeKind = 'real' | 'simulated' | 'unknown';

/** Whether a store was proved to sell, and when. */
export type Verification =
  | { readonly outcome: 'skipped'; readonly reason: string; readonly at: string }
  | {
      readonly outcome: 'passed';
      readonly at: string;
      /** The order that went through, and was taken back since; the number and total that the merchant saw. */
      readonly order: { readonly number: string; readonly total: string };
      readonly steps: readonly { readonly step: string; readonly durationMs: number }[];
    };

/** How far a check that stops before the order came: all steps, or what stopped it. */
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

/** An object of a ready store that is not as the platform made it. */
export interface DriftedObject {
  /** `Kind/name`. */
  readonly object: string;
  readonly state: 'changed' | 'missing';
  /** Fields that differ, such as `spec.replicas`, at most 10; never their values. None for an object that is missing. */
  readonly fields: readonly string[];
  /** Why only a person can put it right; null: the platform can. */
  readonly needsPerson: string | null;
}

/** What happened to a store. `seq` starts at 1 and has no gaps. */
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
  'delete.undone',
  'store.ready',
  'store.drifted',
  'store.repaired',
  'store.degraded',
  'store.recovered',
  'leftovers.removed',
  'store.failed',
  'store.cancelled',
  'store.deleted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface StoreEvent {
  readonly seq: number;
  readonly type: EventType;
  readonly step: Step | null;
  /** Status of the store after the event. */
  readonly status: StoreStatus;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly correlationId: string | null;
  readonly at: string;
}
