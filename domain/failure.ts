/**
 * A reason why an operation or a call failed. The list is closed. The code is the `type` of Temporal's
 * ApplicationFailure, the `code` in a store's `failure`, in its events and in problem+json responses, and the label in
 * metrics.
 */
interface FailureKind {
  /** True: the same step may succeed when Temporal retries it. */
  readonly temporalRetryable: boolean;
  /** True: after the operation has ended, `POST /retry` can help. False: the cause must be removed first. */
  readonly retryable: boolean;
  /** One plain sentence for users, without a full stop. The message of the failure gives the details. */
  readonly title: string;
}

const FAILURE_KINDS = {
  // Workload. `awaitReady` fails on the first of these.
  IMAGE_PULL_FAILED: { temporalRetryable: false, retryable: true, title: 'A container image cannot be pulled' },
  CRASH_LOOP: { temporalRetryable: false, retryable: true, title: 'A container keeps crashing' },
  NAMESPACE_QUOTA_EXCEEDED: {
    temporalRetryable: false,
    retryable: false,
    title: 'The store exceeds the quota of its namespace',
  },
  UNSCHEDULABLE: { temporalRetryable: false, retryable: true, title: 'No node can schedule a pod of the store' },
  VOLUME_PENDING: { temporalRetryable: false, retryable: true, title: 'A volume of the store was not provisioned' },
  JOB_FAILED: { temporalRetryable: false, retryable: true, title: 'A setup Job of the store failed' },
  ADMISSION_REFUSED: {
    temporalRetryable: false,
    retryable: false,
    title: 'An object of the store was rejected by the cluster',
  },
  READY_DEADLINE_EXCEEDED: {
    temporalRetryable: false,
    retryable: true,
    title: 'The store did not become ready in time',
  },
  VERIFICATION_FAILED: { temporalRetryable: true, retryable: true, title: 'The verification order failed' },
  // Helm release.
  CHART_INVALID: {
    temporalRetryable: false,
    retryable: false,
    title: 'The chart of the engine or its values are invalid',
  },
  RELEASE_FAILED: { temporalRetryable: true, retryable: true, title: 'Helm could not apply the release' },
  FIELD_CONFLICT: {
    temporalRetryable: false,
    retryable: false,
    title: 'Another program has changed a field that the release sets',
  },
  RELEASE_LOCKED: { temporalRetryable: true, retryable: true, title: 'Another Helm operation has locked the release' },
  RELEASE_MISMATCH: {
    temporalRetryable: true,
    retryable: true,
    title: 'The release record does not match the requested release',
  },
  ATTEMPT_FENCED: { temporalRetryable: true, retryable: true, title: 'Another attempt has acquired the fence' },
  // Namespace.
  NAMESPACE_FOREIGN: {
    temporalRetryable: false,
    retryable: false,
    title: 'The namespace exists and does not belong to the store',
  },
  NAMESPACE_TERMINATING: { temporalRetryable: true, retryable: true, title: 'The namespace is terminating' },
  NAMESPACE_HAS_DATA: {
    temporalRetryable: false,
    retryable: true,
    title: 'The namespace holds the data of a store that was ready',
  },
  ABSENCE_UNPROVEN: { temporalRetryable: true, retryable: true, title: 'An object of the store still exists' },
  // Services that the platform depends on.
  CLUSTER_UNAVAILABLE: { temporalRetryable: true, retryable: true, title: 'The Kubernetes API is unavailable' },
  CLUSTER_REFUSED: { temporalRetryable: false, retryable: false, title: 'The Kubernetes API refused a call' },
  DATABASE_UNAVAILABLE: { temporalRetryable: true, retryable: true, title: 'The database is unavailable' },
  ORCHESTRATOR_UNAVAILABLE: { temporalRetryable: true, retryable: true, title: 'Temporal is unavailable' },
  ORCHESTRATOR_REJECTED: { temporalRetryable: true, retryable: true, title: 'Temporal rejected a request' },
  // Operation.
  STORE_NOT_FOUND: { temporalRetryable: false, retryable: false, title: 'The store does not exist' },
  INVALID_STATE: {
    temporalRetryable: false,
    retryable: false,
    title: 'The status of the store does not allow the action',
  },
  ADOPTED_UNFINISHED: {
    temporalRetryable: false,
    retryable: true,
    title: 'The store was adopted before it was ready',
  },
  UNDO_INCOMPLETE: { temporalRetryable: false, retryable: true, title: 'The cleanup did not remove every object' },
  STEP_TIMED_OUT: { temporalRetryable: true, retryable: true, title: 'A step did not finish in time' },
  INTERNAL: { temporalRetryable: true, retryable: true, title: 'An unexpected error occurred' },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURE_KINDS;

/** All codes, for check constraints and exhaustive tests. */
export const FAILURE_CODES = Object.keys(FAILURE_KINDS) as readonly FailureCode[];

/** Returns whether a value is a code of the list. */
export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURE_KINDS, value);
}

/** Returns the title of a code and whether a retry can help. */
export function failureKind(code: FailureCode): FailureKind {
  return FAILURE_KINDS[code];
}

/** Whether the platform and its cluster, or the request of the user, are the cause of a failure. */
export const FAILURE_CAUSES = ['platform', 'user'] as const;
export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** Codes that only a request can cause. */
const CAUSED_BY_REQUEST: ReadonlySet<FailureCode> = new Set([
  'STORE_NOT_FOUND',
  'INVALID_STATE',
  'NAMESPACE_QUOTA_EXCEEDED',
]);
/** Codes that overrides of chart values can cause, such as an image that does not exist. */
const CAUSED_BY_OVERRIDES: ReadonlySet<FailureCode> = new Set([
  'IMAGE_PULL_FAILED',
  'CRASH_LOOP',
  'UNSCHEDULABLE',
  'VOLUME_PENDING',
  'JOB_FAILED',
  'ADMISSION_REFUSED',
  'READY_DEADLINE_EXCEEDED',
  'CHART_INVALID',
]);

/** Returns the cause of a failure. A store with overrides gets its image, its resources and its volumes from its user. */
export function causeOf(code: FailureCode, store: { readonly hasOverrides: boolean }): FailureCause {
  const isOfUser = CAUSED_BY_REQUEST.has(code) || (store.hasOverrides && CAUSED_BY_OVERRIDES.has(code));
  return isOfUser ? 'user' : 'platform';
}

/**
 * Why a verification failed.
 *
 * - `unreachable`: no connection, a broken connection, or a gateway that answers in place of the store
 * - `timed-out`: no answer in time
 * - `refused`: the store answered with an error
 * - `unexpected-answer`: the store answered with success, but not with the expected content
 * - `not-possible`: the store works but accepts no verification order: nothing in stock, no shipping to its own
 *   country, or no payment on delivery or by transfer
 */
export const VERIFICATION_FAILURE_REASONS = [
  'unreachable',
  'timed-out',
  'refused',
  'unexpected-answer',
  'not-possible',
] as const;
export type VerificationFailureReason = (typeof VERIFICATION_FAILURE_REASONS)[number];

/**
 * Observations of the platform when a step failed. They are bounded, hold no secrets, and suffice to act without access
 * to the cluster.
 */
export interface Evidence {
  /** The object that failed, such as `Pod/storefront-6c9f`. */
  readonly object?: string;
  /** Set only for a failed verification. */
  readonly reason?: VerificationFailureReason;
  /** Step of the verification that failed, such as `place-order`. */
  readonly step?: string;
  /** The newest Kubernetes events of the object or the namespace, newest last. At most 10 with 300 characters each. */
  readonly events?: readonly string[];
  /**
   * Last log lines of the failed containers, and the store's HTTP response. At most 20 with 300 characters each,
   * redacted.
   */
  readonly logLines?: readonly string[];
  /** Objects that an incomplete cleanup did not remove, as `Kind/name`. */
  readonly leftovers?: readonly string[];
}

/**
 * An expected failure with a code and a message for the caller. Any other thrown error is a bug.
 */
export class StoreError extends Error {
  readonly code: FailureCode;
  readonly publicMessage: string;
  readonly evidence: Evidence | undefined;
  /** Milliseconds to wait before the next attempt, if the service that refused the call named a time. */
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
