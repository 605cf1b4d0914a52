import { expect, test } from '@jest/globals';
import type { Inspection, ReadyStore } from '../../domain/ports/reconcile-records.ts';
import { deviationKey, MAX_EQUAL_REPAIRS } from '../../domain/store/repairs.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import { FakeClusterReconciler } from '../../test/fakes/fake-cluster-reconciler.ts';
import { MemoryPassPositions } from '../../test/fakes/memory-pass-positions.ts';
import { asActivity, clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import { createDriftActivities } from './drift.ts';

const NOW = new Date('2026-01-02T00:00:00Z');
const SCALED: DriftedObject = {
  object: 'Deployment/web',
  state: 'changed',
  fields: ['spec.replicas'],
  needsPerson: null,
};
const MISSING: DriftedObject = { object: 'Service/web', state: 'missing', fields: [], needsPerson: null };

/** Returns the activities for one ready store whose object was repaired `count` times, the last time `minutes` ago. */
function activitiesAfter(count: number, minutes: number, drift: readonly DriftedObject[]) {
  const { store } = clusterInput();
  const repairedAt = new Date(NOW.getTime() - minutes * 60_000).toISOString();
  const repairs = count === 0 ? [] : [{ deviation: deviationKey(SCALED), count, repairedAt }];
  const ready: ReadyStore = { store, correlationId: 'c', drift, repairs, areRepairsSuspended: false };
  const started: string[] = [];
  const recorded: Inspection[] = [];
  const cluster = new FakeClusterReconciler();
  cluster.drifted.set(store.storeId, drift);
  const activities = createDriftActivities({
    drift: cluster.drift,
    stores: {
      listReady: async () => [ready],
      recordInspection: async (inspection) => {
        recorded.push(inspection);
        return { next: null };
      },
      reconcileStatus: async () => 'ready',
      repairsOf: async () => repairs,
    },
    operations: {
      start: async (kind) => {
        started.push(kind);
        return { kind: 'started', runId: 'r' };
      },
    },
    policy: 'repair',
    positions: new MemoryPassPositions(),
    pace: { storesPerSecond: 1_000 },
    now: () => NOW,
  });
  return { activities, store, started, recorded };
}

test.each([
  ['at once when it was never repaired', 0, 0, ['repair']],
  ['not within 5 minutes of its first repair', 1, 4, []],
  ['5 minutes after its first repair', 1, 5, ['repair']],
  ['not within 40 minutes of its fourth repair', 4, 39, []],
  ['never after the last repair that is allowed', MAX_EQUAL_REPAIRS, 100_000, []],
])('a drifted object is repaired %s', async (_, count, minutes, expected) => {
  const { activities, started } = activitiesAfter(count, minutes, [SCALED]);
  await asActivity(activities.inspectStores, { cluster: 'default', pageSize: 10 });
  expect(started).toEqual(expected);
});

test('a repair leaves out an object whose pause is not over', async () => {
  const { activities, store, recorded } = activitiesAfter(1, 1, [SCALED, MISSING]);
  const run = { kind: 'repair' as const, workflowId: 'w', runId: 'r', correlationId: 'c' };
  expect(await asActivity(activities.repairStore, { store, run })).toEqual({ left: ['Deployment/web'], next: null });
  expect(recorded).toEqual([{ storeId: store.storeId, drift: [SCALED], repaired: [MISSING] }]);
});

test('an inspection records that repairs must be suspended, although the drift is the same', async () => {
  const { activities, recorded } = activitiesAfter(MAX_EQUAL_REPAIRS, 60, [SCALED]);
  await asActivity(activities.inspectStores, { cluster: 'default', pageSize: 10 });
  expect(recorded).toMatchObject([{ drift: [SCALED], repaired: null }]);
});
