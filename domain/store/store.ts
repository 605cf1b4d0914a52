import type { Engine } from '../engines/index.ts';
import type { Evidence, FailureCode, VerificationFailureReason } from '../failure.ts';
import type { StoreAction } from './actions.ts';
import type { Overrides } from './overrides.ts';
import type { FailurePolicy, OperationKind, Step, StoreStatus, VolumePolicy } from './status.ts';

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

/** The one JSON shape of a store: in answers, lists and dashboards. Times are RFC 3339 in UTC. */
export interface StoreResource {
  readonly id: string;
  readonly name: string;
  readonly engine: Engine;
  readonly status: StoreStatus;
  readonly namespace: string;
  readonly release: string;
  readonly chartVersion: string;
  /** `simulated`: the cluster's nodes are simulated, so the store is not served although its status may be `ready`. */
  readonly nodes: NodeKind;
  readonly verification: Verification | null;
  /** When an order, or a check that stops before the order, last went through; null: never, as on simulated nodes. */
  readonly lastVerifiedAt: string | null;
  /** Why a ready store was found not to sell, and since when; null: nothing is known against it. */
  readonly degraded: { readonly since: string; readonly step: string; readonly message: string } | null;
  readonly urls: { readonly storefront: string | null; readonly admin: string | null };
  readonly operation: {
    readonly kind: OperationKind;
    readonly workflowId: string;
    readonly runId: string | null;
    readonly step: Step | null;
    readonly since: string;
    readonly webUrl: string;
  } | null;
  readonly failure: {
    readonly code: FailureCode;
    readonly message: string;
    readonly step: Step | null;
    /** Whether `POST /api/stores/:id/retry` can help without changing anything else first. */
    readonly retryable: boolean;
    readonly evidence: Evidence | null;
  } | null;
  /** What of a ready store differs from what was installed; null: nothing, as far as was seen. */
  readonly drift: { readonly since: string; readonly objects: readonly DriftedObject[] } | null;
  readonly onFailure: FailurePolicy;
  /** What operators changed of the chart's values for this store. */
  readonly overrides: Overrides | null;
  /** When a held provision aborts by itself. */
  readonly heldUntil: string | null;
  readonly volumePolicy: VolumePolicy;
  /** Until when a delete that waits can be taken back. */
  readonly undeleteUntil: string | null;
  /** What can be asked of the store now, each by the request of the same name. */
  readonly allowedActions: readonly StoreAction[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly readyAt: string | null;
  readonly deletedAt: string | null;
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
