import type { StoreEvent, StoreResource } from '../../../domain/store/store.ts';

export type CallKind = 'create' | 'get' | 'events' | 'cancel' | 'retry' | 'delete';

/** What came back. `lost`: nothing did, and the caller can't know whether the request was acted on. */
export type CallAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown; readonly retryAfter: string | null }
  | { readonly kind: 'lost'; readonly why: string };

/** One request of a client, with the times between which it was acted on, if it was. */
export interface Call {
  readonly kind: CallKind;
  readonly storeId: string;
  /** Of creates. */
  readonly key?: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly answer: CallAnswer;
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

export function statusOf(call: Call): number | undefined {
  return call.answer.kind === 'answered' ? call.answer.status : undefined;
}

/** The store that an answer shows; undefined for refusals and answers that were lost. */
export function storeIn(call: Call): StoreResource | undefined {
  if (call.answer.kind === 'lost' || call.kind === 'events' || call.answer.status >= 300) return undefined;
  return call.answer.body as StoreResource; // the API's own shape, held by its tests
}

export function eventsIn(call: Call): readonly StoreEvent[] | undefined {
  if (call.answer.kind === 'lost' || call.kind !== 'events' || call.answer.status !== 200) return undefined;
  return (call.answer.body as { readonly data: readonly StoreEvent[] }).data; // as above
}

/** Whether a client was told that its request will be done. */
export function isAccepted(call: Call): boolean {
  return statusOf(call) === 202;
}
