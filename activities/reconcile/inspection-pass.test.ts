import { beforeEach, expect, test } from '@jest/globals';
import type { ReadyStore } from '../../domain/ports/reconcile-records.ts';
import { MemoryPassPositions } from '../../test/fakes/memory-pass-positions.ts';
import { clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import { createInspectionPass } from './inspection-pass.ts';

const READY: readonly ReadyStore[] = ['a', 'b', 'c'].map((storeId) => ({
  store: clusterInput({ storeId }).store,
  correlationId: 'c',
  drift: [],
  repairs: [],
  areRepairsSuspended: false,
}));

const PAGE = { cluster: 'default', pageSize: 2 };

let positions: MemoryPassPositions;
let inspected: string[];
beforeEach(() => {
  positions = new MemoryPassPositions();
  inspected = [];
});

function pass(inspect: (storeId: string) => boolean = () => false) {
  return createInspectionPass({
    inspect: async ({ store: { storeId } }) => {
      inspected.push(storeId);
      return inspect(storeId);
    },
    stores: {
      listReady: async ({ limit, after = '' }) =>
        READY.filter(({ store: { storeId } }) => storeId > after).slice(0, limit),
    },
    positions,
    pace: { storesPerSecond: 1_000 },
    now: () => new Date(),
  });
}

test('continues after the last page, also in another process, and begins again after the last store', async () => {
  expect(await pass()(PAGE)).toEqual({ inspected: 2, drifted: 0, isLastPage: false });
  expect(await pass((storeId) => storeId === 'c')(PAGE)).toEqual({
    inspected: 1,
    drifted: 1,
    isLastPage: true,
  });
  expect(inspected).toEqual(['a', 'b', 'c']);
  await pass()(PAGE);
  expect(inspected.slice(3)).toEqual(['a', 'b']);
});

test('repeats a page whose inspection has failed', async () => {
  const failing = pass(() => {
    throw new Error('no cluster');
  });
  await expect(failing(PAGE)).rejects.toThrow('no cluster');
  inspected = [];
  await pass()(PAGE);
  expect(inspected).toEqual(['a', 'b']);
});
