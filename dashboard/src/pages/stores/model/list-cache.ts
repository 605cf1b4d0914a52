import type { Store, TenantEvent } from '@store-platform/client';
import type { Step } from './catalogue.ts';
import { includes, type StoreFilters } from './filters.ts';

/** The fields of a store in the list. 10,000 whole stores would fill the memory. */
export interface ListedStore extends Pick<Store, 'storeId' | 'name' | 'slug' | 'engine' | 'status' | 'createdAt'> {
  /** The step of the running operation. */
  readonly step: Step | null;
  /** Whether the store is ready but not well: its verification fails, it has drifted or a condition holds. */
  readonly hasWarning: boolean;
}

export interface ListPage {
  readonly stores: readonly ListedStore[];
  readonly nextCursor: string | null;
}

export function toListed(store: Store): ListedStore {
  const { storeId, name, slug, engine, status, createdAt, operation, degraded, drift, conditions } = store;
  const hasWarning = degraded !== null || drift !== null || conditions.some((each) => each.status === 'True');
  return { storeId, name, slug, engine, status, createdAt, step: operation?.step ?? null, hasWarning };
}

type LiveEvent = Pick<TenantEvent, 'storeId' | 'type' | 'status' | 'step'>;

/** Events whose effect on the row is not in the event itself. */
const NEED_READ: readonly TenantEvent['type'][] = [
  'store.drifted',
  'store.repaired',
  'store.degraded',
  'store.recovered',
  'condition.changed',
  'store.adopted',
];

export interface ListChange {
  readonly pages: readonly ListPage[];
  /** Stores that must be read, because the list does not have them or the event does not tell enough. */
  readonly unread: readonly string[];
}

/** Applies events to the pages of a list. Returns the same pages when nothing changes. */
export function applyEvents(
  pages: readonly ListPage[],
  events: readonly LiveEvent[],
  { filters, now }: { readonly filters: StoreFilters; readonly now: Date },
): ListChange {
  const newest = new Map<string, LiveEvent[]>();
  for (const event of events) newest.set(event.storeId, [...(newest.get(event.storeId) ?? []), event]);
  const unread = new Set<string>();
  for (const [storeId, own] of newest) if (own.some(({ type }) => NEED_READ.includes(type))) unread.add(storeId);
  const known = new Set<string>();
  const changed = pages.map((page) => {
    let isChanged = false;
    const stores = page.stores.flatMap((store) => {
      const own = newest.get(store.storeId);
      if (own === undefined) return [store];
      known.add(store.storeId);
      const next = own.reduce(afterEvent, store);
      if (next !== store) isChanged = true;
      return next === store || includes(filters, next, now) ? [next] : [];
    });
    return isChanged ? { ...page, stores } : page;
  });
  for (const storeId of newest.keys()) if (!known.has(storeId)) unread.add(storeId);
  const isSame = changed.every((page, index) => page === pages[index]);
  return { pages: isSame ? pages : changed, unread: [...unread] };
}

function afterEvent(store: ListedStore, { status, type, step }: LiveEvent): ListedStore {
  const isRunning = status === 'provisioning' || status === 'deleting' || status === 'held';
  const nextStep = !isRunning ? null : type === 'step.started' ? step : store.step;
  return status === store.status && nextStep === store.step ? store : { ...store, status, step: nextStep };
}

/** Puts a store that was read into the pages: at its place if that is loaded, or nowhere if the filters leave it out. */
export function putStore(
  pages: readonly ListPage[],
  store: ListedStore,
  { filters, now }: { readonly filters: StoreFilters; readonly now: Date },
): readonly ListPage[] {
  const isIncluded = includes(filters, store, now);
  const known = pages.findIndex((page) => page.stores.some(({ storeId }) => storeId === store.storeId));
  if (known >= 0) {
    return pages.map((page, index) => {
      if (index !== known) return page;
      const stores = page.stores.flatMap((other) =>
        other.storeId !== store.storeId ? [other] : isIncluded ? [store] : [],
      );
      return { ...page, stores };
    });
  }
  if (!isIncluded) return pages;
  const order = orderOf(filters.sort);
  const target = pages.findIndex(({ stores, nextCursor }) => {
    const last = stores.at(-1);
    return nextCursor === null || (last !== undefined && order(store, last) < 0);
  });
  return pages.map((page, index) => {
    if (index !== target) return page;
    const at = page.stores.findIndex((other) => order(store, other) < 0);
    const stores = at < 0 ? [...page.stores, store] : page.stores.toSpliced(at, 0, store);
    return { ...page, stores };
  });
}

type Order = (one: ListedStore, other: ListedStore) => number;

function orderOf(sort: StoreFilters['sort']): Order {
  const key = (store: ListedStore) => (sort.endsWith('name') ? store.name.toLowerCase() : store.createdAt);
  const sign = sort.startsWith('-') ? -1 : 1;
  return (one, other) => sign * compare(key(one), key(other)) || sign * compare(one.storeId, other.storeId);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
