import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Call } from '../traffic/history.ts';
import { checkAnswers, checkEnds, checkReads } from './history-checks.ts';
import type { Violation } from './violation.ts';
import {
  checkAgreement,
  checkEvents,
  checkLeftovers,
  checkQuota,
  checkReleases,
  checkSecrecy,
} from './world-checks.ts';
import type { EventFact, RunFact, StoreFact, World } from './world.ts';

/** A environment that can't fail proves nothing: each check is shown a world that is whole, and the same with one thing wrong. */

const READY: StoreFact = {
  id: 'a',
  name: 'Shop',
  status: 'ready',
  namespace: 'store-a',
  release: 'a',
  operation: 'provision',
  runId: 'run',
  step: null,
  isBusy: false,
  isDeleteAsked: false,
  lastSeq: 3,
  failureCode: null,
  row: '{}',
};
const RUN: RunFact = { storeId: 'a', runId: 'run', type: 'provisionStore', status: 'COMPLETED', history: '' };
const RELEASE: World['releases'][number] = {
  namespace: 'store-a',
  name: 'a',
  revision: 1,
  status: 'deployed',
  content: Buffer.from(gzipSync('{}').toString('base64')).toString('base64'),
};

function event(seq: number, status: EventFact['status'], dedupeKey: string | null = null): EventFact {
  return { storeId: 'a', seq, type: 'step.started', status, dedupeKey, runId: null, row: '{}' };
}

function world(change: Partial<World> = {}): World {
  return {
    stores: [READY],
    events: [event(1, 'requested'), event(2, 'provisioning', 'x'), event(3, 'ready')],
    counted: { quota: 1, live: 1 },
    namespaces: [{ name: 'store-a', storeId: 'a', isTerminating: false }],
    volumes: [{ name: 'pv', namespace: 'store-a', isKept: false }],
    releases: [RELEASE],
    workloads: [{ namespace: 'store-a', name: 'web', isReady: true }],
    secrets: [{ namespace: 'store-a', name: 'store-secrets' }],
    runs: [RUN],
    ...change,
  };
}

const DELETED: StoreFact = { ...READY, status: 'deleted', operation: 'delete' };

function call(kind: Call['kind'], atMs: number, status: number, body: unknown = { id: 'a' }, key = 'k'): Call {
  const answer = { kind: 'answered', status, body, retryAfter: null } as const;
  return { kind, storeId: 'a', key, beganAtMs: atMs, endedAtMs: atMs + 1, answer };
}

function guaranteesOf(violations: readonly Violation[]): readonly string[] {
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

function checkWorld(seen: World): readonly string[] {
  return guaranteesOf([
    ...checkLeftovers(seen),
    ...checkReleases(seen),
    ...checkAgreement(seen),
    ...checkQuota(seen, { mostLive: 1, limit: 1 }),
    ...checkEvents(seen),
    ...checkSecrecy(seen, [{ namespace: 'store-a', key: 'db-password', value: 'sesame-sesame-sesame' }], []),
  ]);
}

describe('a world', () => {
  test('that is whole violates nothing', () => {
    expect(checkWorld(world())).toEqual([]);
  });

  test.each<[string, string, Partial<World>]>([
    ['I1', 'a deleted store has left its namespace', { stores: [DELETED], events: [], runs: [] }],
    [
      'I1',
      'a namespace has no record',
      { namespaces: [...world().namespaces, { name: 'store-b', storeId: 'b', isTerminating: false }] },
    ],
    ['I2', 'a store has two releases', { releases: [RELEASE, { ...RELEASE, name: 'b', status: 'superseded' }] }],
    ['I2', 'a release is locked', { releases: [RELEASE, { ...RELEASE, revision: 2, status: 'pending-upgrade' }] }],
    ['I3', 'a ready store has no workload', { workloads: [] }],
    ['I3', 'a ready store has a run that is open', { runs: [{ ...RUN, status: 'RUNNING' }] }],
    ['I3', 'a run closed otherwise than its record says', { runs: [{ ...RUN, status: 'FAILED' }] }],
    ['I4', 'the quota has lost count', { counted: { quota: 2, live: 1 } }],
    ['I5', 'a number is missing', { events: [event(1, 'requested'), event(3, 'provisioning'), event(4, 'ready')] }],
    ['I5', 'the last event is lost', { events: world().events.slice(0, 2) }],
    [
      'I5',
      'an event is doubled',
      { events: [event(1, 'requested', 'x'), event(2, 'provisioning', 'x'), event(3, 'ready')] },
    ],
    [
      'I5',
      'a status comes out of nowhere',
      { events: [event(1, 'deleted'), event(2, 'provisioning'), event(3, 'ready')] },
    ],
    ['I8', 'a secret is in a history', { runs: [{ ...RUN, history: 'open sesame-sesame-sesame' }] }],
  ])('violates %s when %s', (invariant, _what, change) => {
    expect(checkWorld(world(change))).toContain(invariant);
  });

  test('in which there once were more stores than allowed violates I4', () => {
    expect(guaranteesOf(checkQuota(world(), { mostLive: 11, limit: 10 }))).toEqual(['I4']);
  });
});

describe('what clients were told', () => {
  test('fits together when the same key led to the same store', () => {
    const calls = [call('create', 0, 503), call('create', 5, 202), call('create', 10, 202), call('get', 20, 200)];
    const told = calls.map((each) =>
      each.beganAtMs === 0 ? { ...each, answer: { ...each.answer, retryAfter: '2' } } : each,
    ) as Call[];
    expect([...checkAnswers(told), ...checkReads(told)]).toEqual([]);
  });

  test.each<[string, string, readonly Call[]]>([
    ['answers', 'there was a 500', [call('get', 0, 500)]],
    ['answers', 'a 503 did not say when to come again', [call('get', 0, 503)]],
    ['I6', 'a key led to two stores', [call('create', 0, 202), call('create', 5, 202, { id: 'b' })]],
    ['I6', 'a key was accepted and later refused', [call('create', 0, 202), call('create', 5, 429)]],
    [
      'I3',
      'a deleted store came back',
      [call('get', 0, 200, { status: 'deleted' }), call('get', 5, 200, { status: 'ready' })],
    ],
    [
      'I5',
      'an event that had been read changed',
      [call('events', 0, 200, { data: [{ seq: 1 }] }), call('events', 5, 200, { data: [{ seq: 2 }] })],
    ],
  ])('violates %s when %s', (invariant, _what, calls) => {
    expect(guaranteesOf([...checkAnswers(calls), ...checkReads(calls)])).toEqual([invariant]);
  });
});

describe('the end of a store', () => {
  const ends = (store: Partial<StoreFact>, calls: readonly Call[]): readonly string[] =>
    guaranteesOf(checkEnds(world({ stores: [{ ...READY, ...store }] }), calls, { kind: 'ready' }));

  test.each<[string, Partial<StoreFact>, readonly Call[]]>([
    ['a create ended ready', {}, [call('create', 0, 202)]],
    ['a delete that was heard ended deleted', { status: 'deleted' }, [call('create', 0, 202), call('delete', 5, 202)]],
    ['a cancel came too late', {}, [call('create', 0, 202), call('cancel', 5, 202)]],
    [
      'a cancel whose answer was lost was done',
      { status: 'cancelled' },
      [call('create', 0, 202), call('cancel', 5, 503)],
    ],
  ])('is right when %s', (_what, store, calls) => {
    expect(ends(store, calls)).toEqual([]);
  });

  test.each<[string, Partial<StoreFact>, readonly Call[]]>([
    ['an accepted create failed', { status: 'failed' }, [call('create', 0, 202)]],
    ['an accepted create has no record', { id: 'b' }, [call('create', 0, 202)]],
    ['an accepted delete was forgotten', {}, [call('create', 0, 202), call('delete', 5, 202)]],
    ['an accepted retry was forgotten', { status: 'cancelled' }, [call('cancel', 0, 202), call('retry', 5, 202)]],
    ['an operation never ended', { isBusy: true }, [call('create', 0, 202)]],
  ])('violates I9 when %s', (_what, store, calls) => {
    expect(ends(store, calls)).toEqual(['I9']);
  });
});
