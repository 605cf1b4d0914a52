import type { FailureCode } from '../../../domain/failure.ts';
import type { StoreStatus } from '../../../domain/store/status.ts';
import { eventsIn, isAccepted, isRateLimited, statusOf, storeIn, type Call } from '../traffic/history.ts';
import { groupBy } from './group-by.ts';
import type { StoreFact, World } from './world.ts';
import { violation, type Violation } from './violation.ts';

/** Expected final status of the stores that no client cancels or deletes. */
export type Expectation =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly codes: readonly FailureCode[] }
  /** Both `ready` and `failed` are correct. */
  | { readonly kind: 'either' };

/** Checks I6, and that the only 5xx response is a 503 with `Retry-After`. */
export function checkResponses(calls: readonly Call[]): Violation[] {
  const serverErrors = calls.flatMap((call) => {
    const status = statusOf(call) ?? 0;
    if (status < 500) return [];
    const response = call.result.kind === 'response' ? call.result : undefined;
    if (status === 503 && response?.retryAfter !== null) return [];
    return [
      violation(
        'responses',
        `the response to ${call.kind} of ${call.storeId} was ${status}: ${JSON.stringify(response?.body).slice(0, 200)}`,
      ),
    ];
  });
  const creates = groupBy(
    calls.filter(({ kind }) => kind === 'create'),
    ({ key }) => key ?? '',
  );
  const keyViolations = [...creates].flatMap(([key, ofKey]) => checkKey(key, ofKey));
  return [...serverErrors, ...keyViolations];
}

function checkKey(key: string, calls: readonly Call[]): Violation[] {
  const accepted = calls.filter(isAccepted);
  const firstEndMs = Math.min(...accepted.map(({ endedAtMs }) => endedAtMs));
  const ids = new Set(accepted.map((call) => storeIn(call)?.storeId));
  const rejectedLater = calls.filter(
    (call) => call.startedAtMs > firstEndMs && [409, 422, 429].includes(statusOf(call) ?? 0) && !isRateLimited(call),
  );
  return [
    ...(ids.size > 1 ? [violation('I6', `the key ${key} returned several stores: ${[...ids].join(', ')}`)] : []),
    ...rejectedLater.map((call) =>
      violation('I6', `the key ${key} was accepted, then rejected with ${statusOf(call)}`),
    ),
  ];
}

/** Checks successive reads: a deleted store stays deleted, and events are only appended. */
export function checkReads(calls: readonly Call[]): Violation[] {
  const byStore = groupBy(calls, ({ storeId }) => storeId);
  return [...byStore].flatMap(([storeId, ofStore]) => [
    ...checkDeleted(storeId, ofStore),
    ...checkEventReads(storeId, ofStore),
  ]);
}

function checkDeleted(storeId: string, calls: readonly Call[]): Violation[] {
  const deletedAtMs = Math.min(
    ...calls.filter((call) => storeIn(call)?.status === 'deleted').map(({ endedAtMs }) => endedAtMs),
  );
  return calls
    .filter(
      (call) => call.startedAtMs > deletedAtMs && storeIn(call) !== undefined && storeIn(call)?.status !== 'deleted',
    )
    .map((call) => violation('I3', `${storeId} was deleted, then had the status ${storeIn(call)?.status}`));
}

function checkEventReads(storeId: string, calls: readonly Call[]): Violation[] {
  const reads = calls.map(eventsIn).filter((events) => events !== undefined);
  return reads.slice(1).flatMap((events, index) => {
    const before = reads[index] ?? [];
    const isUnchanged = before.every((event, position) => JSON.stringify(event) === JSON.stringify(events[position]));
    return isUnchanged ? [] : [violation('I5', `${storeId}: events changed after a client had read them`)];
  });
}

/**
 * Checks I9: the final status of each store is the result of its accepted requests. A request without a response may have taken
 * effect or not.
 */
export function checkFinalStatuses(world: World, calls: readonly Call[], expectation: Expectation): Violation[] {
  const byStore = groupBy(calls, ({ storeId }) => storeId);
  const known = new Set(world.stores.map(({ id }) => id));
  const unrecorded = calls.filter((call) => call.kind === 'create' && isAccepted(call) && !known.has(call.storeId));
  return [
    ...unrecorded.map(({ storeId }) =>
      violation('I9', `the create of ${storeId} was accepted, but there is no record`),
    ),
    ...world.stores.flatMap((store) => checkFinalStatus(store, byStore.get(store.id) ?? [], expectation)),
  ];
}

function checkFinalStatus(store: StoreFact, calls: readonly Call[], expectation: Expectation): Violation[] {
  const allowed = allowedStatuses(calls, expectation);
  if (store.isBusy || !allowed.includes(store.status)) {
    const why = store.failureCode === null ? '' : ` (${store.failureCode})`;
    const step = store.step === null ? '' : ` in the step ${store.step}`;
    return [
      violation(
        'I9',
        `${store.id} (${store.name}) has the status ${store.status}${why}${store.isBusy ? ` and a running operation${step}` : ''}; expected ${allowed.join(' or ')}`,
      ),
    ];
  }
  if (
    store.status === 'failed' &&
    expectation.kind === 'failed' &&
    store.failureCode !== null &&
    !expectation.codes.includes(store.failureCode)
  ) {
    return [
      violation('I9', `${store.id} failed with ${store.failureCode}; expected ${expectation.codes.join(' or ')}`),
    ];
  }
  return [];
}

function allowedStatuses(calls: readonly Call[], expectation: Expectation): readonly StoreStatus[] {
  const wasSent = (kind: Call['kind']): boolean => calls.some((call) => call.kind === kind);
  const wasAccepted = (kind: Call['kind']): boolean => calls.some((call) => call.kind === kind && isAccepted(call));
  const own: readonly StoreStatus[] = expectation.kind === 'either' ? ['ready', 'failed'] : [expectation.kind];
  const last = calls.findLast((call) => isAccepted(call) && (call.kind === 'delete' || call.kind === 'undelete'));
  if (last?.kind === 'delete') return ['deleted'];
  if (last?.kind === 'undelete') return own;
  const open: readonly StoreStatus[] = wasSent('delete') ? ['deleted'] : [];
  // A cancel may be accepted but have no effect, because the last step ends at the same time.
  const cancelled: readonly StoreStatus[] = wasSent('cancel') && !wasAccepted('retry') ? ['cancelled'] : [];
  return [...own, ...cancelled, ...open];
}
