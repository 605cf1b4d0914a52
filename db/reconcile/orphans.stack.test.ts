import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Orphan } from '../../domain/orphans.ts';
import { later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createOrphanRecords } from './orphans.ts';
import type { OrphanRecords } from '../../domain/ports/orphan-records.ts';

let records: TestRecords;
let orphans: OrphanRecords;
beforeAll(async () => {
  records = await openTestRecords();
  orphans = createOrphanRecords(records.db);
});
afterEach(() => orphans.forgetUnseen({ cluster: 'default', before: later(1_000_000) }));
afterAll(() => records.drop());

function newOrphan(uid: string, seed: Partial<Orphan> = {}): Orphan {
  return {
    kind: 'Namespace',
    name: `store-${uid}`,
    namespace: null,
    uid,
    storeId: null,
    reason: 'there is no record of its store',
    isRemovable: true,
    ...seed,
  };
}

async function see(seconds: number, ...seen: readonly Orphan[]): Promise<void> {
  const at = later(seconds);
  await orphans.noteSeen({ cluster: 'default', orphans: seen, graceSeconds: 60, passBegan: at, now: at });
}

/** Returns the UIDs of the orphans that a pass removes. */
async function removable(seconds: number, maxRemovals = 10): Promise<readonly string[]> {
  return (await orphans.listRemovable({ cluster: 'default', now: later(seconds), maxRemovals })).map(({ uid }) => uid);
}

async function heldBack(seconds: number, maxRemovals: number): Promise<readonly string[]> {
  const held = await orphans.holdBack({ cluster: 'default', now: later(seconds), maxRemovals });
  expect(held.examples).toHaveLength(Math.min(held.heldBack, 5));
  return held.examples.map(({ uid }) => uid);
}

describe('an orphan', () => {
  test('is due when its grace period is over, counted from its first sight', async () => {
    await see(0, newOrphan('a'));
    await see(50, newOrphan('a'));
    expect(await removable(59)).toEqual([]);
    expect(await removable(60)).toEqual(['a']);
    const { orphans: listed } = await orphans.list({ limit: 10, offset: 0, now: NOW, maxRemovals: 5 });
    expect(listed).toMatchObject([{ uid: 'a', firstSeen: NOW, lastSeen: later(50), removableAfter: later(60) }]);
  });

  test('that must not be removed is never due, and its whole grace period begins when it becomes removable', async () => {
    await see(0, newOrphan('a', { isRemovable: false }));
    expect(await removable(1_000)).toEqual([]);
    await see(100, newOrphan('a'));
    expect(await removable(159)).toEqual([]);
    expect(await removable(160)).toEqual(['a']);
    await see(170, newOrphan('a', { isRemovable: false }));
    expect(await removable(1_000)).toEqual([]);
  });

  test('that was not seen again is forgotten, and the others stay', async () => {
    await see(0, newOrphan('a'), newOrphan('b'));
    await see(10, newOrphan('b'));
    await orphans.forgetUnseen({ cluster: 'default', before: later(10) });
    expect(await removable(100)).toEqual(['b']);
    await orphans.forget('b');
    expect(await removable(100)).toEqual([]);
  });

  test('of another cluster is neither due for this one nor forgotten after its pass', async () => {
    await see(0, newOrphan('a'));
    const inOther = { cluster: 'other', now: later(100), maxRemovals: 0 };
    expect(await orphans.listRemovable({ ...inOther, maxRemovals: 10 })).toEqual([]);
    expect(await orphans.countDue(inOther)).toBe(0);
    expect(await orphans.holdBack(inOther)).toEqual({ heldBack: 0, examples: [] });
    await orphans.forgetUnseen({ cluster: 'other', before: later(10) });
    expect(await removable(100)).toEqual(['a']);
  });

  test.each([-3_600, 3_600])(
    'becomes due when the clock of the worker differs from that of Temporal by %i s',
    async (skew) => {
      for (const seconds of [0, 30, 70]) {
        const passBegan = later(seconds + skew);
        await orphans.noteSeen({
          cluster: 'default',
          orphans: [newOrphan('a')],
          graceSeconds: 60,
          passBegan,
          now: later(seconds),
        });
        await orphans.forgetUnseen({ cluster: 'default', before: passBegan });
      }
      expect(await removable(70)).toEqual(['a']);
    },
  );
});

describe('the guard against mass deletion', () => {
  test.each([
    [2, 2, 2, 0],
    [3, 2, 0, 3],
    [1, 0, 0, 1],
  ])('%d due with a limit of %d: %d are removed, %d are held back', async (count, limit, removed, held) => {
    await see(0, ...Array.from({ length: count }, (_, index) => newOrphan(`uid-${index}`)));
    expect((await orphans.holdBack({ cluster: 'default', now: later(60), maxRemovals: limit })).heldBack).toBe(held);
    expect(await removable(60, limit)).toHaveLength(removed);
    expect(await orphans.countDue({ cluster: 'default', now: later(60) })).toBe(count);
  });

  test('holds an orphan back also when fewer are due later, until the limit is at least their number', async () => {
    await see(0, newOrphan('a'), newOrphan('b'), newOrphan('c'));
    expect(await heldBack(60, 2)).toEqual(['a', 'b', 'c']);
    await orphans.forget('a');
    await see(70, newOrphan('b'), newOrphan('c'));
    expect(await heldBack(80, 2)).toEqual(['b', 'c']);
    expect(await removable(80, 2)).toEqual([]);
    expect(await orphans.list({ limit: 10, offset: 0, now: later(80), maxRemovals: 2 })).toMatchObject({
      due: 2,
      heldBack: 2,
    });
    expect(await heldBack(80, 3)).toEqual([]);
    expect(await removable(80, 3)).toEqual(['b', 'c']);
  });

  test('lets a later orphan pass when it is not due together with too many', async () => {
    await see(0, newOrphan('a'), newOrphan('b'));
    await heldBack(60, 1);
    await orphans.forgetUnseen({ cluster: 'default', before: later(10) });
    await see(70, newOrphan('c'));
    expect(await heldBack(130, 1)).toEqual([]);
    expect(await removable(130, 1)).toEqual(['c']);
  });
});

describe('an approved removal', () => {
  const approve = (uid: string, seconds = 61) => orphans.approve({ uid, now: later(seconds) });

  test('is not held back, and the orphans without an approval stay held back', async () => {
    await see(0, newOrphan('a'), newOrphan('b'), newOrphan('c'));
    await heldBack(60, 2);
    expect(await approve('b')).toMatchObject({ kind: 'approved', orphan: { uid: 'b', approvedAt: later(61) } });
    expect(await approve('b', 62)).toMatchObject({ kind: 'approved', orphan: { approvedAt: later(61) } });
    expect(await heldBack(70, 2)).toEqual(['a', 'c']);
    expect(await removable(70, 2)).toEqual(['b']);
    await orphans.forget('b');
    expect(await heldBack(80, 2)).toEqual(['a', 'c']);
    expect(await removable(80, 2)).toEqual([]);
  });

  test('before the first pass that holds orphans back does not release the others either', async () => {
    await see(0, newOrphan('a'), newOrphan('b'), newOrphan('c'));
    await approve('a');
    expect(await orphans.list({ limit: 10, offset: 0, now: later(65), maxRemovals: 2 })).toMatchObject({
      due: 3,
      heldBack: 2,
    });
    expect(await heldBack(70, 2)).toEqual(['b', 'c']);
    expect(await removable(70, 2)).toEqual(['a']);
  });

  test('waits for the end of the grace period', async () => {
    await see(0, newOrphan('a'));
    await approve('a', 10);
    expect(await removable(59, 0)).toEqual([]);
    expect(await removable(60, 0)).toEqual(['a']);
  });

  test.each<[string, Partial<Orphan>]>([
    ['is no longer removable', { isRemovable: false }],
    ['is an orphan for another reason', { reason: 'its store is deleted' }],
  ])('ends when the object %s', async (_, change) => {
    await see(0, newOrphan('a'), newOrphan('b'));
    await approve('a');
    await approve('b');
    await see(70, newOrphan('a'), newOrphan('b'));
    await see(80, newOrphan('a', change), newOrphan('b'));
    await see(90, newOrphan('a'), newOrphan('b'));
    await heldBack(1_000, 0);
    expect(await removable(1_000, 0)).toEqual(['b']);
  });

  test('is refused for an orphan that the platform never removes, and for an unknown one', async () => {
    await see(0, newOrphan('a', { isRemovable: false }));
    expect(await approve('a')).toMatchObject({ kind: 'notRemovable', orphan: { uid: 'a', approvedAt: null } });
    expect(await approve('b')).toEqual({ kind: 'notFound' });
  });
});

test('lists orphans in pages, with the total and the number of due orphans', async () => {
  await see(0, newOrphan('a'), newOrphan('b'));
  await see(30, newOrphan('c'), newOrphan('d', { isRemovable: false }));
  expect(await orphans.list({ limit: 2, offset: 2, now: later(60), maxRemovals: 5 })).toMatchObject({
    orphans: [{ uid: 'c' }, { uid: 'd' }],
    total: 4,
    due: 2,
  });
});
