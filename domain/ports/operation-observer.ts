import type { Engine } from '../engines/index.ts';
import type { FailureCause, FailureCode } from '../failure.ts';
import type { OperationKind, Step } from '../operations/catalogue.ts';

/** A step that a run has completed. */
export interface CompletedStep {
  readonly kind: OperationKind;
  readonly engine: Engine;
  readonly step: Step;
  readonly durationMs: number;
}

/** An operation that a run has ended. */
export interface EndedOperation {
  readonly kind: OperationKind;
  readonly engine: Engine;
  readonly outcome: 'ready' | 'deleted' | 'failed' | 'cancelled';
  /** Null unless the operation failed. */
  readonly failure: { readonly code: FailureCode; readonly cause: FailureCause } | null;
  readonly requestedAt: Date;
  readonly endedAt: Date;
}

/** Learns what the records of this process have written, once after each commit. It must not throw. */
export interface OperationObserver {
  stepCompleted(step: CompletedStep): void;
  operationEnded(operation: EndedOperation): void;
}
