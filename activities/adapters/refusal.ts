import type { FailureCode } from '../../domain/failure.ts';

/** A negative answer of the cluster: an API status, or only the message that an event, a condition or Helm quotes. */
export interface Refusal {
  readonly message: string;
  /** HTTP status; undefined when only the message is known. */
  readonly status?: number;
  /** `reason` of the Kubernetes `Status` object, such as `Forbidden`. */
  readonly reason?: string;
}

/** The first pattern that matches decides. Patterns that name one cause stand first, generic ones last. */
const MESSAGES: readonly (readonly [RegExp, FailureCode])[] = [
  // The quota controller has not computed the usage of a new quota yet. It does so within seconds.
  [/status unknown for quota/i, 'CLUSTER_UNAVAILABLE'],
  // The service account of the pod is applied with it, and its controller may be faster.
  [/error looking up service account/i, 'CLUSTER_UNAVAILABLE'],
  [/exceeded quota|must specify (limits|requests)/i, 'NAMESPACE_QUOTA_EXCEEDED'],
  [/because it is being terminated/i, 'NAMESPACE_TERMINATING'],
  [
    /violates PodSecurity|denied the request|(maximum|minimum) .* usage per|ValidatingAdmissionPolicy/i,
    'ADMISSION_REFUSED',
  ],
  // RBAC: the permissions of the caller are missing, for any kind of object.
  [/user "[^"]*" cannot /i, 'CLUSTER_REFUSED'],
  // Helm, when the API server rejects the credentials (401).
  [/asked for the client to provide credentials|: Unauthorized\s*$/i, 'CLUSTER_UNAVAILABLE'],
  [
    /connection refused|connection reset|i\/o timeout|TLS handshake timeout|no such host|network is unreachable|cluster unreachable|unexpected EOF|http2: |the server is currently unable|too many requests|etcdserver|Internal error occurred|context deadline exceeded|ServiceUnavailable|Client\.Timeout/i,
    'CLUSTER_UNAVAILABLE',
  ],
  // After the network errors: a cluster that is down may also answer "is forbidden".
  [/is forbidden|admission webhook|is invalid:/i, 'ADMISSION_REFUSED'],
];

/**
 * HTTP statuses after which the same call may succeed: credentials that are being replaced, timeout, conflict, an expired
 * continue token or resource version, throttling. All 5xx are added below.
 */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([401, 408, 409, 410, 429]);

/**
 * Decides why the cluster refused something: quota, admission, permissions, a terminating namespace or an API server
 * that is unavailable. This is the only place that reads such messages.
 *
 * @returns undefined when neither the status nor the message names one of these causes.
 */
export function classifyRefusal({ message, status, reason }: Refusal): FailureCode | undefined {
  if (status !== undefined && (TRANSIENT_STATUSES.has(status) || status >= 500)) return 'CLUSTER_UNAVAILABLE';
  const found = MESSAGES.find(([pattern]) => pattern.test(message));
  if (found !== undefined) return found[1];
  if (reason === 'NamespaceTerminating') return 'NAMESPACE_TERMINATING';
  return status === 422 ? 'ADMISSION_REFUSED' : undefined;
}

/**
 * Decides why the cluster refused a call of the platform or of Helm. In contrast to `classifyRefusal`, missing
 * permissions are CLUSTER_UNAVAILABLE, which is retried: an API server that starts, and a role that is being replaced,
 * also answer 403.
 */
export function classifyCall(refusal: Refusal): FailureCode | undefined {
  const code = classifyRefusal(refusal);
  return code === 'CLUSTER_REFUSED' ? 'CLUSTER_UNAVAILABLE' : code;
}
