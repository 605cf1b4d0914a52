import type { FailureCode } from '../../../domain/failure.ts';
import type { StoreStatus } from '../../../domain/store/status.ts';
import { eventsIn, isAccepted, statusOf, storeIn, type Call } from '../traffic/history.ts';
import { groupBy } from './group-by.ts';
import type { StoreFact, World } from './world.ts';
import { violation, type Violation } from './violation.ts';

/** How the stores of a run may end that nobody cancelled or deleted. */
export type Expectation =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly codes: readonly FailureCode[] }
  /** The fault leaves it open; whatever it is has to be whole. */
  | { readonly kind: 'either' };

/** I6, and what a 5xx may be. */
export function checkAnswers(calls: readonly Call[]): Violation[] {
  const bad = calls.flatMap((call) => {
    const status = statusOf(call) ?? 0;
    if (status < 500) return [];
    const answer = call.answer.kind === 'answered' ? call.answer : undefined;
    if (status === 503 && answer?.retryAfter !== null) return [];
    return [
      violation(
        'answers',
        `${call.kind} of ${call.storeId} was answered ${status}: ${JSON.stringify(answer?.body).slice(0, 200)}`,
      ),
    ];
  });
  const creates = groupBy(
    calls.filter(({ kind }) => kind === 'create'),
    ({ key }) => key ?? '',
  );
  const unequal = [...creates].flatMap(([key, ofKey]) => checkKey(key, ofKey));
  return [...bad, ...unequal];
}

function checkKey(key: string, calls: readonly Call[]): Violation[] {
  const accepted = calls.filter(isAccepted);
  const firstEndMs = Math.min(...accepted.map(({ endedAtMs }) => endedAtMs));
  const ids = new Set(accepted.map((call) => storeIn(call)?.id));
  const refusedLater = calls.filter(
    (call) => call.beganAtMs > firstEndMs && [409, 422, 429].includes(statusOf(call) ?? 0),
  );
  return [
    ...(ids.size > 1 ? [violation('I6', `the key ${key} led to the stores ${[...ids].join(', ')}`)] : []),
    ...refusedLater.map((call) => violation('I6', `the key ${key} was accepted, then refused with ${statusOf(call)}`)),
  ];
}

/** What clients saw, one after the other, fits together: deleted stays deleted, and events only grow. */
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
      (call) => call.beganAtMs > deletedAtMs && storeIn(call) !== undefined && storeIn(call)?.status !== 'deleted',
    )
    .map((call) => violation('I3', `${storeId} was deleted, then seen ${storeIn(call)?.status}`));
}

function checkEventReads(storeId: string, calls: readonly Call[]): Violation[] {
  const reads = calls.map(eventsIn).filter((events) => events !== undefined);
  return reads.slice(1).flatMap((events, index) => {
    const before = reads[index] ?? [];
    const same = before.every((event, position) => JSON.stringify(event) === JSON.stringify(events[position]));
    return same ? [] : [violation('I5', `${storeId}: events that had been read were other ones later`)];
  });
}

/** I9: each store ended as its callers asked, as far as they know that they were heard. */
export function checkEnds(world: World, calls: readonly Call[], expectation: Expectation): Violation[] {
  const byStore = groupBy(calls, ({ storeId }) => storeId);
  const known = new Set(world.stores.map(({ id }) => id));
  const lost = calls.filter((call) => call.kind === 'create' && isAccepted(call) && !known.has(call.storeId));
  return [
    ...lost.map(({ storeId }) =>
      violation('I9', `the create of ${storeId} was accepted, and there is no record of it`),
    ),
    ...world.stores.flatMap((store) => checkEnd(store, byStore.get(store.id) ?? [], expectation)),
  ];
}

function checkEnd(store: StoreFact, calls: readonly Call[], expectation: Expectation): Violation[] {
  const allowed = allowedEnds(calls, expectation);
  if (store.isBusy || !allowed.includes(store.status)) {
    const why = store.failureCode === null ? '' : ` (${store.failureCode})`;
    const step = store.step === null ? '' : ` in ${store.step}`;
    return [
      violation(
        'I9',
        `${store.id} (${store.name}) is ${store.status}${why}${store.isBusy ? `, busy${step}` : ''}; expected ${allowed.join(' or ')}`,
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

function allowedEnds(calls: readonly Call[], expectation: Expectation): readonly StoreStatus[] {
  const wasSent = (kind: Call['kind']): boolean => calls.some((call) => call.kind === kind);
  const wasHeard = (kind: Call['kind']): boolean => calls.some((call) => call.kind === kind && isAccepted(call));
  const own: readonly StoreStatus[] = expectation.kind === 'either' ? ['ready', 'failed'] : [expectation.kind];
  if (wasHeard('delete')) return ['deleted'];
  const open: readonly StoreStatus[] = wasSent('delete') ? ['deleted'] : [];
  // A cancel that came while the last step ended is too late; the answer can't know that.
  const cancelled: readonly StoreStatus[] = wasSent('cancel') && !wasHeard('retry') ? ['cancelled'] : [];
  return [...own, ...cancelled, ...open];
}
