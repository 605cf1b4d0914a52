import { AbortError, ApiException, FetchError } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { classifyCall, type Refusal } from './refusal.ts';

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

/** Returns the HTTP status of an error of the Kubernetes API, undefined for any other error. */
export function httpStatusOf(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}

/**
 * Returns the token in the answer 410 Expired to a list. With it, the list continues after the last object of the
 * previous page. Undefined when the answer has none: the list must start again.
 */
export function freshContinueToken(error: unknown): string | undefined {
  const body = error instanceof ApiException ? parsed(error.body) : undefined;
  const metadata = typeof body === 'object' && body !== null && 'metadata' in body ? body.metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const token = ['continue', '_continue'].map((name) => (metadata as Readonly<Record<string, unknown>>)[name]);
  return token.find((value): value is string => typeof value === 'string' && value !== '');
}

/** Translates an error of a credential plugin or of a credential file. The message does not name local paths. */
export function credentialError(error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError('CLUSTER_UNAVAILABLE', 'the platform could not load its credentials for the Kubernetes API', {
    cause: new Error(oneLine(redact(reason))),
  });
}

/**
 * Translates an error of the Kubernetes client. The original is not kept as cause: it quotes whole requests and
 * answers, which would be stored in workflow histories.
 *
 * @param what The call, as an infinitive, such as `read the namespace x`.
 * @returns A StoreError; any other error than an answer or a missing answer of the cluster is a bug and is returned as
 *   is.
 */
export function translateKubeError(what: string, error: unknown): unknown {
  if (error instanceof ApiException) {
    const refusal = refusalOf(error);
    const { status, reason, message } = refusal;
    const detail = oneLine(redact(message || reason));
    return new StoreError(
      classifyCall(refusal) ?? 'CLUSTER_REFUSED',
      status === 401
        ? `the cluster did not accept the credentials of the platform for the request to ${what}`
        : `the cluster refused to ${what}: ${detail || `HTTP ${status}`}`,
      { cause: new Error(`HTTP ${status} ${reason}`.trim()), retryAfterMs: retryAfterMsOf(error) },
    );
  }
  if (isNetworkError(error)) {
    return new StoreError('CLUSTER_UNAVAILABLE', `the Kubernetes API did not answer the request to ${what}`, {
      cause: new Error(oneLine(error.message)),
    });
  }
  return error;
}

/** Reads the Retry-After header of a throttled call, given in whole seconds. The result is 1 to 60 seconds, in ms. */
function retryAfterMsOf(error: ApiException<unknown>): number | undefined {
  const seconds = Number.parseInt(error.headers['retry-after'] ?? '', 10);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), 60) * 1_000;
}

function refusalOf(error: ApiException<unknown>): Required<Refusal> {
  const body = parsed(error.body);
  return { status: error.code, reason: textOf(body, 'reason'), message: textOf(body, 'message') };
}

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return { message: body }; // a proxy in front of the API server answers in plain text
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
