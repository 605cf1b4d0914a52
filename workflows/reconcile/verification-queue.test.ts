import { beforeEach, describe, expect, test } from '@jest/globals';
import { clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';
import { concurrencyFor, VerificationQueue, type VerificationQueueDependencies } from './verification-queue.ts';

describe('the number of concurrent verifications', () => {
  test.each([
    [0, 4],
    [1_600, 4],
    [10_000, 25],
    [1_000_000, 50],
  ])('for %i stores is %i', (total, concurrency) => {
    expect(concurrencyFor(total)).toBe(concurrency);
  });
});

describe('the queue', () => {
  let stores: readonly StoreTarget[];
  let nowMs: number;
  let sleeps: number[];
  let loads: (string | null)[];

  beforeEach(() => {
    stores = ['a', 'b', 'c', 'd', 'e'].map((storeId) => clusterInput({ storeId }).store);
    nowMs = 0;
    sleeps = [];
    loads = [];
  });

  function queue(seed: Partial<VerificationQueueDependencies> = {}): VerificationQueue {
    return new VerificationQueue({
      loadPage: async (after) => {
        loads.push(after);
        return stores.filter(({ storeId }) => after === null || storeId > after).slice(0, 2);
      },
      pageSize: 2,
      after: null,
      maxStores: 100,
      storesPerSecond: 100,
      endsAtMs: 1_000,
      secondAttemptDelayMs: 30,
      now: () => nowMs,
      sleep: async (ms) => {
        sleeps.push(ms);
        nowMs += ms;
      },
      ...seed,
    });
  }

  async function drain(from: VerificationQueue): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let next = await from.next(); next !== undefined; next = await from.next()) ids.push(next.store.storeId);
    return ids;
  }

  test('hands out every store once, in the order of the ids', async () => {
    const all = queue();
    expect(await drain(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(all.isComplete).toBe(true);
  });

  test('hands out every store once to concurrent callers, which share the pages', async () => {
    const all = queue();
    const ids = await Promise.all([drain(all), drain(all), drain(all)]);
    expect(ids.flat().toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(loads).toEqual([null, 'b', 'd']);
  });

  test('is complete after a last page that is full', async () => {
    stores = stores.slice(0, 4);
    const all = queue();
    expect(await drain(all)).toEqual(['a', 'b', 'c', 'd']);
    expect(all.isComplete).toBe(true);
  });

  test('hands out other stores while one waits for its second attempt', async () => {
    const all = queue();
    const first = await all.next();
    expect(first).toMatchObject({ attempt: 1 });
    all.repeat(stores[0]!);
    expect(await all.next()).toMatchObject({ store: { storeId: 'b' }, attempt: 1 });
    expect(sleeps).toEqual([]);
    nowMs = 30;
    expect(await all.next()).toMatchObject({ store: { storeId: 'a' }, attempt: 2 });
    expect(await all.next()).toMatchObject({ store: { storeId: 'c' }, attempt: 1 });
  });

  test('waits for the second attempts at the end', async () => {
    const all = queue();
    await drain(all);
    nowMs = 10;
    all.repeat(stores[4]!);
    nowMs = 15;
    expect(await all.next()).toMatchObject({ store: { storeId: 'e' }, attempt: 2 });
    expect(sleeps).toEqual([25]);
    expect(await all.next()).toBeUndefined();
  });

  test('hands out at most the given number of stores per second, with one timer for all callers', async () => {
    const all = queue({ storesPerSecond: 2, endsAtMs: 60_000 });
    const ids = await Promise.all([drain(all), drain(all), drain(all)]);
    expect(ids.flat().toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(sleeps).toEqual([1_000, 1_000]);
  });

  test('hands out no new store after it was stopped, but the second attempts', async () => {
    const all = queue();
    await all.next();
    all.repeat(stores[0]!);
    all.stop();
    expect(await all.next()).toMatchObject({ attempt: 2 });
    expect(await all.next()).toBeUndefined();
    expect(all).toMatchObject({ after: 'a', isComplete: false });
  });

  test('stops after the given number of stores and continues after the last one', async () => {
    const first = queue({ maxStores: 3 });
    expect(await drain(first)).toEqual(['a', 'b', 'c']);
    expect(first).toMatchObject({ after: 'c', isComplete: false });
    expect(await drain(queue({ after: first.after }))).toEqual(['d', 'e']);
  });

  test('hands out no new store after its end, but the second attempts', async () => {
    const all = queue();
    await all.next();
    all.repeat(stores[0]!);
    nowMs = 1_000;
    expect(await all.next()).toMatchObject({ attempt: 2 });
    expect(await all.next()).toBeUndefined();
    expect(all).toMatchObject({ after: 'a', isComplete: false });
  });

  test('keeps its position when a page cannot be read', async () => {
    const failure = new Error('no database');
    const pages = [stores.slice(0, 2)];
    const all = queue({
      loadPage: async () => {
        const page = pages.shift();
        if (page === undefined) throw failure;
        return page;
      },
    });
    expect((await Promise.all([drain(all), drain(all)])).flat().toSorted()).toEqual(['a', 'b']);
    expect(all).toMatchObject({ after: 'b', isComplete: false, loadError: failure });
  });
});
