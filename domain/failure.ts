/**
 * Why something went wrong, as a closed list. The code is the `type` of Temporal's ApplicationFailure, the `code` in a
 * store's `failure`, in its events and in problem+json answers, and the label in metrics.
 */
interface FailureKind {
  /** Whether the same step may succeed when Temporal simply tries it again. */
  readonly temporalRetryable: boolean;
  /** Whether `POST /retry` can help once the operation has ended: false means that the cause must be removed first. */
  readonly retryable: boolean;
  /** One sentence for people; the specific message follows it. */
  readonly title: string;
}

const FAILURE_KINDS = {
  // Facts about a store's workload: the watch stops at the first of them.
  IMAGE_PULL_FAILED: { temporalRetryable: false, retryable: true, title: 'A container image cannot be pulled' },
  CRASH_LOOP: { temporalRetryable: false, retryable: true, title: 'A container keeps crashing' },
  NAMESPACE_QUOTA_EXCEEDED: {
    temporalRetryable: false,
    retryable: false,
    title: "The store does not fit its namespace's quota",
  },
  UNSCHEDULABLE: { temporalRetryable: false, retryable: true, title: 'No node can take a pod of the store' },
  VOLUME_PENDING: { temporalRetryable: false, retryable: true, title: 'A volume is not provided' },
  JOB_FAILED: { temporalRetryable: false, retryable: true, title: 'A set-up job of the store failed' },
  ADMISSION_REFUSED: {
    temporalRetryable: false,
    retryable: false,
    title: 'The cluster refused an object of the store',
  },
  READY_DEADLINE_EXCEEDED: {
    temporalRetryable: false,
    retryable: true,
    title: 'The store did not become ready in time',
  },
  VERIFICATION_FAILED: { temporalRetryable: true, retryable: true, title: 'The store does not sell' },
  // Facts about the release.
  CHART_INVALID: { temporalRetryable: false, retryable: false, title: "The engine's chart or its values are invalid" },
  RELEASE_FAILED: { temporalRetryable: true, retryable: true, title: 'Helm could not apply the release' },
  RELEASE_LOCKED: { temporalRetryable: true, retryable: true, title: 'Another Helm operation holds the release' },
  RELEASE_MISMATCH: {
    temporalRetryable: true,
    retryable: true,
    title: 'The release record differs from what was asked for',
  },
  ATTEMPT_FENCED: { temporalRetryable: true, retryable: true, title: 'A newer attempt has taken over' },
  // Facts about the namespace.
  NAMESPACE_FOREIGN: { temporalRetryable: false, retryable: false, title: 'The namespace exists and is not ours' },
  NAMESPACE_TERMINATING: { temporalRetryable: true, retryable: true, title: 'The namespace is still being removed' },
  ABSENCE_UNPROVEN: { temporalRetryable: true, retryable: true, title: 'Something of the store is still there' },
  // The world around us.
  CLUSTER_UNAVAILABLE: { temporalRetryable: true, retryable: true, title: 'The Kubernetes API does not answer' },
  CLUSTER_REFUSED: { temporalRetryable: false, retryable: false, title: 'The Kubernetes API refused a call' },
  DATABASE_UNAVAILABLE: { temporalRetryable: true, retryable: true, title: 'The database does not answer' },
  ORCHESTRATOR_UNAVAILABLE: { temporalRetryable: true, retryable: true, title: 'Temporal does not answer' },
  // Ends of an operation.
  STORE_NOT_FOUND: { temporalRetryable: false, retryable: false, title: 'There is no such store' },
  INVALID_STATE: { temporalRetryable: false, retryable: false, title: 'The store is not in a state that allows this' },
  UNDO_INCOMPLETE: { temporalRetryable: false, retryable: true, title: 'Cleaning up left something behind' },
  STEP_TIMED_OUT: { temporalRetryable: true, retryable: true, title: 'A step did not end in time' },
  INTERNAL: { temporalRetryable: true, retryable: true, title: 'An unexpected error' },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURE_KINDS;

/** Every code, for check constraints and exhaustive tests. */
export const FAILURE_CODES = Object.keys(FAILURE_KINDS) as readonly FailureCode[];

export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURE_KINDS, value);
}

export function failureKind(code: FailureCode): FailureKind {
  return FAILURE_KINDS[code];
}

/** What was seen when the verdict fell: enough to act on without a look at the cluster, free of secrets, bounded. */
export interface Evidence {
  /** The object the verdict is about, e.g. `Pod/storefront-6c9f`. */
  readonly object?: string;
  /** Newest Kubernetes events about it, newest last, at most 10, each at most 300 characters. */
  readonly events?: readonly string[];
  /** Last lines of the container's log, at most 20, each at most 300 characters, redacted. */
  readonly logLines?: readonly string[];
  /** What an incomplete clean-up left, as `Kind/name`. */
  readonly leftovers?: readonly string[];
}

/** An expected failure: carries a code and a message that may be shown to the caller. Anything else that is thrown is a bug. */
export class StoreError extends Error {
  readonly code: FailureCode;
  readonly publicMessage: string;
  readonly evidence: Evidence | undefined;
  /** How long whoever refused asks us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: FailureCode,
    publicMessage: string,
    options: {
      readonly cause?: unknown;
      readonly evidence?: Evidence;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.publicMessage = publicMessage;
    this.evidence = options.evidence;
    this.retryAfterMs = options.retryAfterMs;
  }
}
