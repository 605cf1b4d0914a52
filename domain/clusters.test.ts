import { expect, test } from '@jest/globals';
import { isReachable, placementRefusal, type ClusterLoad } from './clusters.ts';

const load: ClusterLoad = { name: 'default', status: 'ready', capacity: null, residentStores: 9 };

test.each<[string, ClusterLoad | undefined, ReturnType<typeof placementRefusal>]>([
  ['that no worker has registered', undefined, undefined],
  ['without a capacity', load, undefined],
  ['with room', { ...load, capacity: 10 }, undefined],
  ['at its capacity', { ...load, capacity: 9 }, 'full'],
  ['above its capacity', { ...load, capacity: 3 }, 'full'],
  ['with a capacity of 0', { ...load, capacity: 0, residentStores: 0 }, 'full'],
  ['that is cordoned', { ...load, status: 'cordoned' }, 'cordoned'],
  ['that is cordoned and full', { ...load, status: 'cordoned', capacity: 1 }, 'cordoned'],
])('a cluster %s: %#', (_, cluster, refusal) => {
  expect(placementRefusal(cluster)).toBe(refusal);
});

test('a cluster is reachable while a worker has reached it in the last two minutes', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const seen = (secondsAgo: number, answered = true) =>
    isReachable({ answered, lastSeenAt: new Date(now.getTime() - secondsAgo * 1_000) }, now);
  expect([seen(0), seen(120), seen(121), seen(1, false)]).toEqual([true, true, false, false]);
});
