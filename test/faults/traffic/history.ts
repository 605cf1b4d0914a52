import type { StoreAction } from '../../../domain/store/actions.ts';
import type { StoreEvent } from '../../../domain/store/store.ts';
import type { Store } from '../../../api/contract/store.ts';

export type CallKind = 'create' | 'get' | 'events' | StoreAction;

/** `lost`: no response arrived, so the caller can't know whether the API processed the request. */
export type CallResult =
  | { readonly kind: 'response'; readonly status: number; readonly body: unknown; readonly retryAfter: string | null }
  | { readonly kind: 'lost'; readonly reason: string };

/** One request of a client, with the times between which the API processed it, if it did. */
export interface Call {
  readonly kind: CallKind;
  readonly storeId: string;
  /** The `Idempotency-Key`. Only creates have one. */
  readonly key?: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly result: CallResult;
}

/** Every call of every client of a run. */
export interface History {
  readonly calls: readonly Call[];
  add(call: Call): void;
}

export function openHistory(): History {
  const calls: Call[] = [];
  return { calls, add: (call) => void calls.push(call) };
}

/** Returns the HTTP status, or undefined when no response arrived. */
export function statusOf(call: Call): number | undefined {
  return call.result.kind === 'response' ? call.result.status : undefined;
}

/** Returns the store in a response. Returns undefined for errors and for lost responses. */
export function storeIn(call: Call): Store | undefined {
  if (call.result.kind === 'lost' || call.kind === 'events' || call.result.status >= 300) return undefined;
  return call.result.body as Store; // the tests of the API guarantee this shape
}

/** Returns the events in a response. Returns undefined for errors and for lost responses. */
export function eventsIn(call: Call): readonly StoreEvent[] | undefined {
  if (call.result.kind === 'lost' || call.kind !== 'events' || call.result.status !== 200) return undefined;
  return (call.result.body as { readonly data: readonly StoreEvent[] }).data; // the tests of the API guarantee this shape
}

/** Returns whether the API refused the request only because too many came before it in this minute. */
export function isRateLimited(call: Call): boolean {
  if (statusOf(call) !== 429 || call.result.kind === 'lost') return false;
  return (call.result.body as { readonly code?: unknown }).code === 'RATE_LIMITED';
}

/** Returns whether the API accepted the request (202). */
export function isAccepted(call: Call): boolean {
  return statusOf(call) === 202;
}
