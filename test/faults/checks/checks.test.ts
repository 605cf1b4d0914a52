import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Call } from '../traffic/history.ts';
import { checkResponses, checkFinalStatuses, checkReads } from './history-checks.ts';
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

/** Tests that each check accepts a correct world and detects a world with one error. */

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
  isDeleteRequested: false,
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

function call(kind: Call['kind'], atMs: number, status: number, body: unknown = { storeId: 'a' }, key = 'k'): Call {
  const result = { kind: 'response', status, body, retryAfter: null } as const;
  return { kind, storeId: 'a', key, startedAtMs: atMs, endedAtMs: atMs + 1, result };
}

function invariantsOf(violations: readonly Violation[]): readonly string[] {
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

function checkWorld(candidate: World): readonly string[] {
  return invariantsOf([
    ...checkLeftovers(candidate),
    ...checkReleases(candidate),
    ...checkAgreement(candidate),
    ...checkQuota(candidate, { mostLive: 1, limit: 1 }),
    ...checkEvents(candidate),
    ...checkSecrecy(candidate, [{ namespace: 'store-a', key: 'db-password', value: 'sesame-sesame-sesame' }], []),
  ]);
}

const NO_OBJECTS: Partial<World> = { namespaces: [], volumes: [], releases: [], workloads: [], secrets: [] };

describe('the checks of the world', () => {
  test('accept a correct world', () => {
    expect(checkWorld(world())).toEqual([]);
  });

  test('accept the completed run of a store that was cancelled by its record, and not its failed run', () => {
    const cancelled = { ...READY, status: 'cancelled' as const, lastSeq: 3 };
    const events = [
      { ...event(1, 'requested'), type: 'store.requested' as const },
      { ...event(2, 'requested'), type: 'cancel.requested' as const },
      { ...event(3, 'cancelled'), type: 'store.cancelled' as const },
    ];
    const found = { stores: [cancelled], events, ...NO_OBJECTS };
    expect(checkWorld(world(found))).toEqual([]);
    const failed = checkWorld(world({ ...found, runs: [{ ...RUN, status: 'FAILED' }] }));
    expect(failed).toEqual(['I3']);
  });

  test('reject the completed run of a store without a request to cancel', () => {
    const cancelled = { ...READY, status: 'cancelled' as const, lastSeq: 2 };
    const events = [
      { ...event(1, 'requested'), type: 'store.requested' as const },
      { ...event(2, 'cancelled'), type: 'store.cancelled' as const },
    ];
    expect(checkWorld(world({ stores: [cancelled], events, ...NO_OBJECTS }))).toEqual(['I3']);
  });

  test.each<[string, string, Partial<World>]>([
    ['I1', 'the namespace of a deleted store still exists', { stores: [DELETED], events: [], runs: [] }],
    [
      'I1',
      'a namespace belongs to no record',
      { namespaces: [...world().namespaces, { name: 'store-b', storeId: 'b', isTerminating: false }] },
    ],
    ['I2', 'a store has two releases', { releases: [RELEASE, { ...RELEASE, name: 'b', status: 'superseded' }] }],
    [
      'I2',
      'a release is in a pending status',
      { releases: [RELEASE, { ...RELEASE, revision: 2, status: 'pending-upgrade' }] },
    ],
    ['I3', 'a ready store has no workload', { workloads: [] }],
    ['I3', 'a ready store has an open run', { runs: [{ ...RUN, status: 'RUNNING' }] }],
    ['I3', 'the status of a run contradicts its record', { runs: [{ ...RUN, status: 'FAILED' }] }],
    [
      'I3',
      'a run completes although its store was cancelled after a step',
      {
        stores: [{ ...READY, status: 'cancelled' }],
        events: [event(1, 'requested'), event(2, 'provisioning', 'run/provision/step'), event(3, 'cancelled')],
        ...NO_OBJECTS,
      },
    ],
    ['I4', 'the quota count differs from the number of stores', { counted: { quota: 2, live: 1 } }],
    [
      'I5',
      'a sequence number is missing',
      { events: [event(1, 'requested'), event(3, 'provisioning'), event(4, 'ready')] },
    ],
    ['I5', 'the last event is missing', { events: world().events.slice(0, 2) }],
    [
      'I5',
      'an event occurs twice',
      { events: [event(1, 'requested', 'x'), event(2, 'provisioning', 'x'), event(3, 'ready')] },
    ],
    [
      'I5',
      'a status cannot follow the status before it',
      { events: [event(1, 'deleted'), event(2, 'provisioning'), event(3, 'ready')] },
    ],
    ['I8', 'a workflow history contains a secret', { runs: [{ ...RUN, history: 'open sesame-sesame-sesame' }] }],
  ])('report %s when %s', (invariant, _error, change) => {
    expect(checkWorld(world(change))).toContain(invariant);
  });

  test('report I4 when there were more stores than the quota at any time', () => {
    expect(invariantsOf(checkQuota(world(), { mostLive: 11, limit: 10 }))).toEqual(['I4']);
  });
});

describe('the checks of the responses', () => {
  test('accept calls in which the same key returns the same store', () => {
    const calls = [call('create', 0, 503), call('create', 5, 202), call('create', 10, 202), call('get', 20, 200)];
    const history = calls.map((each) =>
      each.startedAtMs === 0 ? { ...each, result: { ...each.result, retryAfter: '2' } } : each,
    ) as Call[];
    expect([...checkResponses(history), ...checkReads(history)]).toEqual([]);
  });

  test('accept that a key is refused because of too many requests, which says nothing about the key', () => {
    const calls = [call('create', 0, 202), call('create', 5, 429, { code: 'RATE_LIMITED' })];
    expect(checkResponses(calls)).toEqual([]);
  });

  test.each<[string, string, readonly Call[]]>([
    ['responses', 'a response is a 500', [call('get', 0, 500)]],
    ['responses', 'a 503 has no Retry-After', [call('get', 0, 503)]],
    ['I6', 'the same key returns two stores', [call('create', 0, 202), call('create', 5, 202, { storeId: 'b' })]],
    ['I6', 'a key is rejected after it was accepted', [call('create', 0, 202), call('create', 5, 429)]],
    [
      'I3',
      'a deleted store has another status later',
      [call('get', 0, 200, { status: 'deleted' }), call('get', 5, 200, { status: 'ready' })],
    ],
    [
      'I5',
      'an event changes after a client has read it',
      [call('events', 0, 200, { data: [{ seq: 1 }] }), call('events', 5, 200, { data: [{ seq: 2 }] })],
    ],
  ])('report %s when %s', (invariant, _error, calls) => {
    expect(invariantsOf([...checkResponses(calls), ...checkReads(calls)])).toEqual([invariant]);
  });
});

describe('the check of the final status', () => {
  const check = (store: Partial<StoreFact>, calls: readonly Call[]): readonly string[] =>
    invariantsOf(checkFinalStatuses(world({ stores: [{ ...READY, ...store }] }), calls, { kind: 'ready' }));

  test.each<[string, Partial<StoreFact>, readonly Call[]]>([
    ['an accepted create ends in ready', {}, [call('create', 0, 202)]],
    ['an accepted delete ends in deleted', { status: 'deleted' }, [call('create', 0, 202), call('delete', 5, 202)]],
    [
      'an accepted undelete ends in ready',
      {},
      [call('create', 0, 202), call('delete', 5, 202), call('undelete', 10, 202)],
    ],
    [
      'an accepted cancel has no effect because the provision has ended',
      {},
      [call('create', 0, 202), call('cancel', 5, 202)],
    ],
    [
      'a cancel took effect although its response was a 503',
      { status: 'cancelled' },
      [call('create', 0, 202), call('cancel', 5, 503)],
    ],
  ])('passes when %s', (_case, store, calls) => {
    expect(check(store, calls)).toEqual([]);
  });

  test.each<[string, Partial<StoreFact>, readonly Call[]]>([
    ['an accepted create ends in failed', { status: 'failed' }, [call('create', 0, 202)]],
    ['an accepted create has no record', { id: 'b' }, [call('create', 0, 202)]],
    ['an accepted delete has no effect', {}, [call('create', 0, 202), call('delete', 5, 202)]],
    [
      'an accepted undelete has no effect',
      { status: 'deleted' },
      [call('create', 0, 202), call('delete', 5, 202), call('undelete', 10, 202)],
    ],
    ['an accepted retry has no effect', { status: 'cancelled' }, [call('cancel', 0, 202), call('retry', 5, 202)]],
    ['an operation does not end', { isBusy: true }, [call('create', 0, 202)]],
  ])('reports I9 when %s', (_case, store, calls) => {
    expect(check(store, calls)).toEqual(['I9']);
  });
});
