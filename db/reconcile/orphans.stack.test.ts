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

async function due(seconds: number): Promise<readonly string[]> {
  return (await orphans.listDue({ cluster: 'default', now: later(seconds), limit: 10 })).map(({ uid }) => uid);
}

describe('an orphan', () => {
  test('is due when its grace period is over, counted from its first sight', async () => {
    await see(0, newOrphan('a'));
    await see(50, newOrphan('a'));
    expect(await due(59)).toEqual([]);
    expect(await due(60)).toEqual(['a']);
    const { orphans: listed } = await orphans.list({ limit: 10, offset: 0, now: NOW });
    expect(listed).toMatchObject([{ uid: 'a', firstSeen: NOW, lastSeen: later(50), removableAfter: later(60) }]);
  });

  test('that must not be removed is never due, and its whole grace period begins when it becomes removable', async () => {
    await see(0, newOrphan('a', { isRemovable: false }));
    expect(await due(1_000)).toEqual([]);
    await see(100, newOrphan('a'));
    expect(await due(159)).toEqual([]);
    expect(await due(160)).toEqual(['a']);
    await see(170, newOrphan('a', { isRemovable: false }));
    expect(await due(1_000)).toEqual([]);
  });

  test('that was not seen again is forgotten, and the others stay', async () => {
    await see(0, newOrphan('a'), newOrphan('b'));
    await see(10, newOrphan('b'));
    await orphans.forgetUnseen({ cluster: 'default', before: later(10) });
    expect(await due(100)).toEqual(['b']);
    await orphans.forget('b');
    expect(await due(100)).toEqual([]);
  });

  test('of another cluster is neither due for this one nor forgotten after its pass', async () => {
    await see(0, newOrphan('a'));
    expect(await orphans.listDue({ cluster: 'other', now: later(100), limit: 10 })).toEqual([]);
    await orphans.forgetUnseen({ cluster: 'other', before: later(10) });
    expect(await due(100)).toEqual(['a']);
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
      expect(await due(70)).toEqual(['a']);
    },
  );
});

test('lists orphans in pages, with the total and the number of due orphans', async () => {
  await see(0, newOrphan('a'), newOrphan('b'));
  await see(30, newOrphan('c'), newOrphan('d', { isRemovable: false }));
  expect(await orphans.list({ limit: 2, offset: 2, now: later(60) })).toMatchObject({
    orphans: [{ uid: 'c' }, { uid: 'd' }],
    total: 4,
    due: 2,
  });
});
