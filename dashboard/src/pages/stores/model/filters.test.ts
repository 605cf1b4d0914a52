import { describe, expect, test } from '@jest/globals';
import { includes, isFiltered, NO_FILTERS, queryOf, readFilters, writeFilters, type StoreFilters } from './filters.ts';

const NOW = new Date('2026-05-20T12:00:00.000Z');

const ALL: StoreFilters = {
  statuses: ['ready', 'failed'],
  engine: 'medusa',
  name: 'shoes & more',
  created: { kind: 'days', from: '2026-01-01', to: '2026-01-31' },
  sort: '-name',
};

describe('the filters in a URL', () => {
  test.each<[string, StoreFilters]>([
    ['no filter', NO_FILTERS],
    ['all filters', ALL],
    ['a period', { ...NO_FILTERS, created: { kind: 'period', period: '7d' } }],
    ['one day only', { ...NO_FILTERS, created: { kind: 'days', from: null, to: '2026-01-31' } }],
  ])('survive the way to the URL and back: %s', (_, filters) => {
    expect(readFilters(new URLSearchParams(writeFilters(filters)))).toEqual(filters);
  });

  test('an unknown value is left out', () => {
    const search = new URLSearchParams('status=lost&engine=magento&sort=size&created=1y&from=yesterday&to=2026-13-40');
    expect(readFilters(search)).toEqual(NO_FILTERS);
  });

  test('defaults leave the URL empty', () => {
    expect(writeFilters(NO_FILTERS)).toBe('');
    expect(isFiltered({ ...NO_FILTERS, sort: 'name' })).toBe(false);
    expect(isFiltered(ALL)).toBe(true);
  });
});

describe('queryOf', () => {
  test('sends whole local days', () => {
    const query = queryOf(ALL, NOW);
    expect(query).toMatchObject({ status: ['ready', 'failed'], engine: 'medusa', name: 'shoes & more', sort: '-name' });
    expect(query.createdFrom).toBe(new Date(2026, 0, 1).toISOString());
    expect(query.createdBefore).toBe(new Date(2026, 1, 1).toISOString());
  });

  test('counts a period back from now', () => {
    const query = queryOf({ ...NO_FILTERS, created: { kind: 'period', period: '24h' } }, NOW);
    expect(query).toEqual({ sort: '-createdAt', createdFrom: '2026-05-19T12:00:00.000Z' });
  });
});

describe('includes', () => {
  const store = {
    status: 'ready',
    engine: 'medusa',
    name: 'Acme Shoes',
    createdAt: '2026-05-20T11:00:00.000Z',
  } as const;

  test.each<[string, Partial<StoreFilters>, boolean]>([
    ['no filter', {}, true],
    ['its status', { statuses: ['ready'] }, true],
    ['another status', { statuses: ['failed'] }, false],
    ['another engine', { engine: 'woocommerce' }, false],
    ['a part of its name in another case', { name: 'SHOES' }, true],
    ['another name', { name: 'boots' }, false],
    ['a period with its time', { created: { kind: 'period', period: '24h' } }, true],
    ['days before its time', { created: { kind: 'days', from: null, to: '2026-05-10' } }, false],
  ])('%s', (_, filters, expected) => {
    expect(includes({ ...NO_FILTERS, ...filters }, store, NOW)).toBe(expected);
  });

  test('a deleted store is listed only when its status is asked for', () => {
    const deleted = { ...store, status: 'deleted' } as const;
    expect(includes(NO_FILTERS, deleted, NOW)).toBe(false);
    expect(includes({ ...NO_FILTERS, statuses: ['deleted'] }, deleted, NOW)).toBe(true);
  });
});
