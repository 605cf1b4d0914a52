import { describe, expect, test } from '@jest/globals';
import { NO_FILTERS } from './filters.ts';
import { applyEvents, putStore, type ListedStore, type ListPage } from './list-cache.ts';

const NOW = new Date('2026-05-20T12:00:00.000Z');
const ALL = { filters: NO_FILTERS, now: NOW };

function row(storeId: string, change: Partial<ListedStore> = {}): ListedStore {
  return {
    storeId,
    name: `Store ${storeId}`,
    slug: storeId,
    engine: 'medusa',
    status: 'provisioning',
    createdAt: `2026-05-20T10:00:0${storeId}.000Z`,
    step: 'prepare-namespace',
    hasWarning: false,
    ...change,
  };
}

function event(storeId: string, type: 'step.started' | 'store.ready' | 'store.deleted' | 'store.drifted') {
  const status = type === 'step.started' ? 'provisioning' : type === 'store.deleted' ? 'deleted' : 'ready';
  return { storeId, type, status, step: type === 'step.started' ? ('verify' as const) : null } as const;
}

const PAGES: readonly ListPage[] = [
  { stores: [row('9'), row('7')], nextCursor: 'more' },
  { stores: [row('5'), row('3')], nextCursor: 'end' },
];

function idsOf(pages: readonly ListPage[]): string {
  return pages.map(({ stores }) => stores.map(({ storeId }) => storeId).join('')).join(' ');
}

describe('applyEvents', () => {
  test('shows the newest status and step', () => {
    const { pages, unread } = applyEvents(PAGES, [event('5', 'step.started')], ALL);
    expect(pages[1]?.stores[0]).toMatchObject({ status: 'provisioning', step: 'verify' });
    expect(pages[0]).toBe(PAGES[0]);
    expect(unread).toEqual([]);
    const ready = applyEvents(pages, [event('5', 'store.ready')], ALL);
    expect(ready.pages[1]?.stores[0]).toMatchObject({ status: 'ready', step: null });
  });

  test('removes a store that the filters leave out', () => {
    expect(idsOf(applyEvents(PAGES, [event('7', 'store.deleted')], ALL).pages)).toBe('9 53');
    const provisioning = { ...ALL, filters: { ...NO_FILTERS, statuses: ['provisioning'] as const } };
    expect(idsOf(applyEvents(PAGES, [event('3', 'store.ready')], provisioning).pages)).toBe('97 5');
  });

  test('names the stores that must be read', () => {
    const { pages, unread } = applyEvents(PAGES, [event('1', 'step.started'), event('9', 'store.drifted')], ALL);
    expect(unread).toEqual(['9', '1']);
    expect(pages[0]?.stores[0]?.status).toBe('ready');
  });

  test('returns the same pages when nothing changes', () => {
    expect(applyEvents(PAGES, [], ALL).pages).toBe(PAGES);
  });
});

describe('putStore', () => {
  test('replaces a store in its place', () => {
    const pages = putStore(PAGES, row('5', { hasWarning: true }), ALL);
    expect(idsOf(pages)).toBe('97 53');
    expect(pages[1]?.stores[0]?.hasWarning).toBe(true);
  });

  test.each([
    ['8', '987 53'],
    ['6', '97 653'],
    ['4', '97 543'],
  ])('inserts store %s in the order of the list', (id, expected) => {
    expect(idsOf(putStore(PAGES, row(id), ALL))).toBe(expected);
  });

  test('leaves a store out whose place is not loaded', () => {
    expect(putStore(PAGES, row('1'), ALL)).toEqual(PAGES);
    const complete = [{ stores: [row('9')], nextCursor: null }];
    expect(idsOf(putStore(complete, row('1'), ALL))).toBe('91');
  });

  test('orders by name', () => {
    const byName = { ...ALL, filters: { ...NO_FILTERS, sort: 'name' as const } };
    const pages = [{ stores: [row('1', { name: 'Bakery' })], nextCursor: null }];
    expect(idsOf(putStore(pages, row('9', { name: 'Art' }), byName))).toBe('91');
  });

  test('removes a store that the filters leave out', () => {
    expect(idsOf(putStore(PAGES, row('7', { status: 'deleted' }), ALL))).toBe('9 53');
    expect(putStore(PAGES, row('8', { status: 'deleted' }), ALL)).toBe(PAGES);
  });
});
