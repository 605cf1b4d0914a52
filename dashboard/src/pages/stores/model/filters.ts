import type { Store } from '@store-platform/client';
import { ENGINES, STATUSES, type Engine, type StoreStatus } from './catalogue.ts';
import { MAX_NAME_LENGTH } from './limits.ts';

export const SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const;
export type Sort = (typeof SORTS)[number];

/** Periods before now, in hours. */
export const PERIODS = { '24h': 24, '7d': 168, '30d': 720 } as const;
export type Period = keyof typeof PERIODS;

/** When a store was created: at any time, in a period before now, or on days of the local calendar (`2026-01-31`). */
export type Created =
  | { readonly kind: 'any' }
  | { readonly kind: 'period'; readonly period: Period }
  | { readonly kind: 'days'; readonly from: string | null; readonly to: string | null };

export interface StoreFilters {
  /** Empty: all statuses except `deleted`. */
  readonly statuses: readonly StoreStatus[];
  readonly engine: Engine | null;
  /** A part of the name. */
  readonly name: string;
  readonly created: Created;
  readonly sort: Sort;
}

export const NO_FILTERS: StoreFilters = {
  statuses: [],
  engine: null,
  name: '',
  created: { kind: 'any' },
  sort: '-createdAt',
};

/** Reads the filters from a URL. Values that the list does not know are left out. */
export function readFilters(search: URLSearchParams): StoreFilters {
  const asked = search.getAll('status');
  return {
    statuses: STATUSES.filter((status) => asked.includes(status)),
    engine: oneOf(ENGINES, search.get('engine')),
    name: (search.get('name') ?? '').slice(0, MAX_NAME_LENGTH),
    created: readCreated(search),
    sort: oneOf(SORTS, search.get('sort')) ?? NO_FILTERS.sort,
  };
}

/** Returns the query string of a URL for the filters, without the ones that have their default. */
export function writeFilters({ statuses, engine, name, created, sort }: StoreFilters): string {
  const search = new URLSearchParams();
  for (const status of statuses) search.append('status', status);
  if (engine !== null) search.set('engine', engine);
  if (name !== '') search.set('name', name);
  if (created.kind === 'period') search.set('created', created.period);
  if (created.kind === 'days') {
    if (created.from !== null) search.set('from', created.from);
    if (created.to !== null) search.set('to', created.to);
  }
  if (sort !== NO_FILTERS.sort) search.set('sort', sort);
  return search.toString();
}

/** Returns whether the filters leave stores out. The order does not count. */
export function isFiltered(filters: StoreFilters): boolean {
  return writeFilters({ ...filters, sort: NO_FILTERS.sort }) !== '';
}

/** Returns the query of the API for the filters. */
export function queryOf({ statuses, engine, name, created, sort }: StoreFilters, now: Date) {
  const { from, before } = boundsOf(created, now);
  return {
    sort,
    ...(statuses.length === 0 ? {} : { status: [...statuses] }),
    ...(engine === null ? {} : { engine }),
    ...(name === '' ? {} : { name }),
    ...(from === null ? {} : { createdFrom: from.toISOString() }),
    ...(before === null ? {} : { createdBefore: before.toISOString() }),
  };
}

/** Returns whether the filters include a store. */
export function includes(
  { statuses, engine, name, created }: StoreFilters,
  store: Pick<Store, 'status' | 'engine' | 'name' | 'createdAt'>,
  now: Date,
): boolean {
  const isListed = statuses.length === 0 ? store.status !== 'deleted' : statuses.includes(store.status);
  const { from, before } = boundsOf(created, now);
  const createdAt = new Date(store.createdAt);
  return (
    isListed &&
    (engine === null || engine === store.engine) &&
    store.name.toLowerCase().includes(name.toLowerCase()) &&
    (from === null || createdAt >= from) &&
    (before === null || createdAt < before)
  );
}

function boundsOf(created: Created, now: Date): { readonly from: Date | null; readonly before: Date | null } {
  if (created.kind === 'any') return { from: null, before: null };
  if (created.kind === 'period') {
    return { from: new Date(now.getTime() - PERIODS[created.period] * 3_600_000), before: null };
  }
  const { from, to } = created;
  return { from: from === null ? null : startOfDay(from), before: to === null ? null : startOfDay(to, 1) };
}

/** Returns the local midnight that begins a day, or the one some days later. */
function startOfDay(day: string, daysLater = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater);
}

function readCreated(search: URLSearchParams): Created {
  const period = search.get('created');
  if (period !== null && Object.hasOwn(PERIODS, period)) return { kind: 'period', period: period as Period };
  const from = dayOf(search.get('from'));
  const to = dayOf(search.get('to'));
  return from === null && to === null ? { kind: 'any' } : { kind: 'days', from, to };
}

function dayOf(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  return Number.isNaN(Date.parse(text)) ? null : text;
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | null {
  return values.find((value) => value === text) ?? null;
}
