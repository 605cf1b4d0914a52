import { AbortError, ApiException, FetchError } from '@kubernetes/client-node';
import { type FailureCode, StoreError } from '../../domain/failure.ts';
import { oneLine, redact } from '../runtime/redaction.ts';

/** The parts of a Kubernetes `Status` object that tell failures apart. */
interface ApiStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** HTTP status of an error of the Kubernetes API, undefined for any other error. */
export function httpStatusOf(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}

/**
 * What an error of the Kubernetes client means to a store. The original is not kept as cause: it quotes whole requests
 * and answers, and ends up in workflow histories. Errors that are no answer of a cluster are bugs and come back as they are.
 */
export function translateKubeError(what: string, error: unknown): unknown {
  if (error instanceof ApiException) {
    const status = statusOf(error);
    const detail = oneLine(redact(status.message || status.reason));
    return new StoreError(codeOf(status), `the cluster refused to ${what}: ${detail || `HTTP ${status.code}`}`, {
      cause: new Error(`HTTP ${status.code} ${status.reason}`.trim()),
      retryAfterMs: retryAfterMsOf(error),
    });
  }
  if (isNetworkError(error)) {
    return new StoreError('CLUSTER_UNAVAILABLE', `the Kubernetes API did not answer the request to ${what}`, {
      cause: new Error(oneLine(error.message)),
    });
  }
  return error;
}

/** A throttled call says in whole seconds when to come again; longer than a minute is not taken at its word. */
function retryAfterMsOf(error: ApiException<unknown>): number | undefined {
  const seconds = Number.parseInt(error.headers['retry-after'] ?? '', 10);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), 60) * 1_000;
}

function codeOf({ code, reason, message }: ApiStatus): FailureCode {
  if (code === 408 || code === 409 || code === 429 || code >= 500) return 'CLUSTER_UNAVAILABLE';
  return refusalCodeOf(message) ?? (reason === 'NamespaceTerminating' ? 'NAMESPACE_TERMINATING' : 'CLUSTER_REFUSED');
}

/**
 * Why the cluster refused an object, read from the words of its answer; Helm prints the same words. Undefined when they
 * are none of those that a store has to tell apart.
 */
export function refusalCodeOf(message: string): FailureCode | undefined {
  // A quota that its controller has not counted yet refuses everything for a moment.
  if (/status unknown for quota/i.test(message)) return 'CLUSTER_UNAVAILABLE';
  if (/exceeded quota|must specify (limits|requests)/i.test(message)) return 'NAMESPACE_QUOTA_EXCEEDED';
  if (/because it is being terminated/i.test(message)) return 'NAMESPACE_TERMINATING';
  if (
    /violates PodSecurity|denied the request|(maximum|minimum) .* usage per|ValidatingAdmissionPolicy/i.test(message)
  ) {
    return 'ADMISSION_REFUSED';
  }
  return undefined;
}

function statusOf(error: ApiException<unknown>): ApiStatus {
  const body = parsed(error.body);
  return { code: error.code, reason: textOf(body, 'reason'), message: textOf(body, 'message') };
}

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return { message: body }; // a proxy in between answers in plain text
  }
}

function textOf(body: unknown, key: 'reason' | 'message'): string {
  if (typeof body !== 'object' || body === null) return '';
  const value = (body as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : '';
}

function isNetworkError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof FetchError || error instanceof AbortError) return true;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
  return 'code' in error && typeof error.code === 'string' && NETWORK_CODES.has(error.code);
}
