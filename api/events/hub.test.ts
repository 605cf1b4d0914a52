import { describe, expect, test } from '@jest/globals';
import { createEventHub, type Subscription } from './hub.ts';

const STORE = { tenantId: 't1', storeId: 's1' };
/** Longer than any test. */
const NEVER = { idleMs: 600_000, activeMs: 600_000 };

/** Returns whether a wait of the subscription has ended after all work that is due now. */
async function isWoken(wait: Promise<void>): Promise<boolean> {
  const late = new Promise<false>((resolve) => {
    setTimeout(() => resolve(false), 20);
  });
  return Promise.race([wait.then(() => true), late]);
}

function waitOf(subscription: Subscription): Promise<void> {
  return subscription.changedSince(subscription.generation());
}

describe('a change', () => {
  test.each([
    ['its store', STORE, true],
    ['all stores of its tenant', { tenantId: 't1' }, true],
    ['another store', { tenantId: 't1', storeId: 's2' }, false],
    ['a store with the same id of another tenant', { tenantId: 't2', storeId: 's1' }, false],
    ['another tenant', { tenantId: 't2' }, false],
  ])('wakes the readers of %s as expected', async (_, topic, expected) => {
    const hub = createEventHub({ intervals: NEVER });
    const wait = waitOf(hub.subscribe(topic));
    hub.changed(STORE);
    expect(await isWoken(wait)).toBe(expected);
  });

  test('between a read and the wait after it is not lost', async () => {
    const hub = createEventHub({ intervals: NEVER });
    const reader = hub.subscribe(STORE);
    const generation = reader.generation();
    await reader.read('events', async () => hub.changed(STORE));
    expect(await isWoken(reader.changedSince(generation))).toBe(true);
  });
});

describe('reads', () => {
  test('of the same key and generation are one', async () => {
    const hub = createEventHub({ intervals: NEVER });
    const readers = Array.from({ length: 100 }, () => hub.subscribe(STORE));
    let loads = 0;
    const load = async () => (loads += 1);
    expect(await Promise.all(readers.map((reader) => reader.read('after 3', load)))).toEqual(readers.map(() => 1));
    await readers[0]?.read('after 3', load);
    expect(loads).toBe(2); // a read that has ended is not used again
  });

  test('that began before a change are not joined after it', async () => {
    const hub = createEventHub({ intervals: NEVER });
    const [first, second] = [hub.subscribe(STORE), hub.subscribe(STORE)];
    let release = (): void => undefined;
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    const old = first.read('after 3', async () => {
      await isReleased;
      return 'from before the change';
    });
    hub.changed(STORE);
    expect(await second.read('after 3', async () => 'with the change')).toBe('with the change');
    release();
    expect(await old).toBe('from before the change');
  });

  test('that fail are not kept', async () => {
    const reader = createEventHub({ intervals: NEVER }).subscribe(STORE);
    await expect(reader.read('a', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(await reader.read('a', async () => 1)).toBe(1);
  });
});

describe('readers look again without a change', () => {
  test('from time to time, because the announcement may be lost', async () => {
    const reader = createEventHub({ intervals: { ...NEVER, idleMs: 5 } }).subscribe(STORE);
    await waitOf(reader);
  });

  test('sooner while an operation runs', async () => {
    const reader = createEventHub({ intervals: { ...NEVER, activeMs: 5 } }).subscribe(STORE);
    reader.setActive(true);
    await waitOf(reader);
  });

  test('sooner while no announcements arrive', async () => {
    const reader = createEventHub({ isListening: () => false, intervals: { ...NEVER, activeMs: 5 } }).subscribe(STORE);
    await waitOf(reader);
  });

  test('at once when changes may have been missed', async () => {
    const hub = createEventHub({ intervals: NEVER });
    const waits = [STORE, { tenantId: 't2' }].map((topic) => waitOf(hub.subscribe(topic)));
    hub.wakeAll();
    await Promise.all(waits);
  });
});

describe('a subscription that is closed', () => {
  test('ends its own waits and leaves no topic behind', async () => {
    const hub = createEventHub({ intervals: NEVER });
    const [reader, other] = [hub.subscribe(STORE), hub.subscribe(STORE)];
    const [wait, pause, otherWait] = [waitOf(reader), reader.pause(600_000), waitOf(other)];
    reader.close();
    await Promise.all([wait, pause]);
    expect(await isWoken(otherWait)).toBe(false);
    expect(hub.size()).toBe(1);
    other.close();
    other.close();
    expect(hub.size()).toBe(0);
  });

  test('is every subscription of a process that shuts down', async () => {
    const hub = createEventHub({ intervals: NEVER });
    const wait = waitOf(hub.subscribe(STORE));
    hub.shutDown();
    await wait;
    expect(hub.subscribe(STORE).isClosed()).toBe(true);
    expect(hub.size()).toBe(0);
  });
});
