import { describe, expect, test } from '@jest/globals';
import { isReachable, placementOf, type Placement, type PlacementCandidate } from './clusters.ts';

const ANY = { labels: {} };

function cluster(name: string, seed: Partial<PlacementCandidate> = {}): PlacementCandidate {
  return { name, status: 'ready', capacity: 10, residentStores: 5, labels: {}, isReachable: true, ...seed };
}

describe('a store is placed in', () => {
  test.each<[string, readonly PlacementCandidate[], string]>([
    ['the cluster with the most free places', [cluster('a'), cluster('b', { residentStores: 4 })], 'b'],
    ['the one without a limit', [cluster('a', { residentStores: 0 }), cluster('b', { capacity: null })], 'b'],
    [
      'the one with the fewest stores of those without a limit',
      [cluster('a', { capacity: null }), cluster('b', { capacity: null, residentStores: 1 })],
      'b',
    ],
    [
      'the one with the fewest stores of those that are equally free',
      [cluster('a', { capacity: 15, residentStores: 10 }), cluster('b')],
      'b',
    ],
    ['the first one by name of equal ones', [cluster('b'), cluster('a')], 'a'],
    ['one that is ready', [cluster('a', { status: 'cordoned', capacity: null }), cluster('b')], 'b'],
    ['one that is not full', [cluster('a', { capacity: 5 }), cluster('b', { capacity: 3 }), cluster('c')], 'c'],
    ['one that a worker reaches', [cluster('a', { capacity: null, isReachable: false }), cluster('b')], 'b'],
    [
      'one that no worker reaches, if all others refuse it',
      [cluster('a', { capacity: 0 }), cluster('b', { isReachable: false })],
      'b',
    ],
  ])('%s', (_, candidates, placed) => {
    expect(placementOf(candidates, ANY)).toEqual({ kind: 'placed', cluster: placed });
    expect(placementOf(candidates.toReversed(), ANY)).toEqual({ kind: 'placed', cluster: placed });
  });

  test('a cluster that has all wished labels, which may have others too', () => {
    const candidates = [
      cluster('a', { labels: { region: 'eu' }, residentStores: 0 }),
      cluster('b', { labels: { region: 'eu', tier: 'gold', site: 'x' } }),
      cluster('c', { labels: { region: 'us', tier: 'gold' } }),
    ];
    expect(placementOf(candidates, { labels: { region: 'eu', tier: 'gold' } })).toMatchObject({ cluster: 'b' });
  });
});

describe('a store is refused', () => {
  type Refused = Extract<Placement, { readonly kind: 'refused' }>;
  test.each<[string, readonly PlacementCandidate[], Omit<Refused, 'kind'>]>([
    ['without a cluster', [], { reason: 'unmatched', clusters: [] }],
    ['when no cluster has the label', [cluster('a')], { reason: 'unmatched', clusters: [] }],
    ['at the capacity', [labelled('a', { capacity: 5 })], { reason: 'full', clusters: ['a'] }],
    ['above the capacity', [labelled('a', { capacity: 3 })], { reason: 'full', clusters: ['a'] }],
    ['at a capacity of 0', [labelled('a', { capacity: 0, residentStores: 0 })], { reason: 'full', clusters: ['a'] }],
    [
      'as full when one is full and one is cordoned',
      [labelled('a', { capacity: 5 }), labelled('b', { status: 'cordoned' })],
      { reason: 'full', clusters: ['a', 'b'] },
    ],
    [
      'as cordoned when one is cordoned and one is draining',
      [labelled('a', { status: 'draining' }), labelled('b', { status: 'cordoned' })],
      { reason: 'cordoned', clusters: ['a', 'b'] },
    ],
    ['when all are draining', [labelled('a', { status: 'draining' })], { reason: 'draining', clusters: ['a'] }],
  ])('%s', (_, candidates, refusal) => {
    expect(placementOf(candidates, { labels: { region: 'eu' } })).toEqual({ kind: 'refused', ...refusal });
  });

  function labelled(name: string, seed: Partial<PlacementCandidate>): PlacementCandidate {
    return cluster(name, { labels: { region: 'eu' }, ...seed });
  }
});

test('a cluster is reachable while a worker has reached it in the last two minutes', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const seen = (secondsAgo: number, answered = true) =>
    isReachable({ answered, lastSeenAt: new Date(now.getTime() - secondsAgo * 1_000) }, now);
  expect([seen(0), seen(120), seen(121), seen(1, false)]).toEqual([true, true, false, false]);
  expect(isReachable({ answered: true, lastSeenAt: null }, now)).toBe(false);
});
