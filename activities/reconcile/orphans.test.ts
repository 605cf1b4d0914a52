import { beforeEach, describe, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import type { StoreOwnership } from '../../domain/ports/reconcile-records.ts';
import type { SeenUnaccounted, UnaccountedDecision, UnaccountedNamespace } from '../../domain/unaccounted.ts';
import { FakeClusterReconciler } from '../../test/fakes/fake-cluster-reconciler.ts';
import { FakeStoreOperations } from '../../test/fakes/fake-store-operations.ts';
import { asActivity, clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import type { Candidate } from './orphan-search.ts';
import { createOrphanActivities } from './orphans.ts';

const INPUT = clusterInput();
const { store } = INPUT;
const NOW = new Date('2026-01-02T12:00:00Z');
const DATA = { readySince: null, boundClaims: ['data'], readyPods: [] };
const FIRST_PAGE = {
  cluster: 'default',
  source: 'namespaces',
  pageSize: 10,
  after: null,
  cleanupsStarted: 0,
  passBegan: '2026-11-26T12:00:00.000Z',
} as const;

let cluster: FakeClusterReconciler;
let operations: FakeStoreOperations;
let decision: UnaccountedDecision | null;
let ownership: StoreOwnership | undefined;
let arePaused: boolean;
let noted: readonly UnaccountedNamespace[];

beforeEach(() => {
  cluster = new FakeClusterReconciler();
  operations = new FakeStoreOperations();
  decision = null;
  ownership = undefined;
  arePaused = false;
  noted = [];
  live();
  cluster.evidence.set(store.namespace, DATA);
});

/** Puts the namespace of the store into the cluster. */
function live(seed: Partial<Candidate> = {}): void {
  const labels = {
    [LABELS.storeId]: store.storeId,
    [LABELS.installation]: cluster.installation,
    [LABELS.engine]: store.engine,
  };
  const namespace: Candidate = {
    source: 'namespaces',
    kind: 'Namespace',
    name: store.namespace,
    namespace: store.namespace,
    uid: 'uid',
    labels,
    readySince: null,
    isKept: false,
    isTerminating: false,
    ...seed,
  };
  cluster.candidates.set('namespaces', [namespace]);
}

function entry(): SeenUnaccounted {
  return {
    namespace: store.namespace,
    uid: 'uid',
    target: store,
    evidence: DATA,
    firstSeen: NOW,
    lastSeen: NOW,
    decision,
    decidedAt: NOW,
    problem: null,
    adoptedAt: null,
  };
}

function activities() {
  return createOrphanActivities({
    search: cluster.orphans,
    installation: cluster.installation,
    cluster: cluster.name,
    ownership: {
      ownershipById: async () => (ownership === undefined ? [] : [ownership]),
      ownershipByNamespace: async () => [],
      recordLeftoversRemoved: async () => ({ next: null }),
    },
    list: {
      noteSeen: async () => undefined,
      forgetUnseen: async () => undefined,
      listDue: async () => [],
      forget: async () => undefined,
    },
    unaccounted: {
      noteSeen: async ({ namespaces }) => {
        noted = namespaces;
        return namespaces.map(entry);
      },
      forgetUnseen: async () => undefined,
      countUndecided: async () => 0,
      find: async () => entry(),
    },
    guard: { arePaused: async () => arePaused },
    operations,
    graceSeconds: 0,
    maxRemovals: 5,
    now: () => NOW,
  });
}

async function isRemovable(): Promise<boolean> {
  return (await asActivity(activities().checkLeftovers, INPUT)).isRemovable;
}

describe('a cleanup of a namespace without a record', () => {
  test('removes nothing that holds data without the decision to remove this very namespace', async () => {
    for (const taken of [null, 'keep', 'adopt'] as const) {
      decision = taken;
      expect(await isRemovable()).toBe(false);
    }
    decision = 'remove';
    expect(await isRemovable()).toBe(true);
    live({ uid: 'created again' });
    expect(await isRemovable()).toBe(false);
  });

  test('removes a namespace without data, and nothing while removals are paused', async () => {
    cluster.evidence.clear();
    expect(await isRemovable()).toBe(true);
    arePaused = true;
    expect(await isRemovable()).toBe(false);
  });
});

test('a cleanup keeps a store that failed by its record when its namespace has the mark of a store that was ready', async () => {
  ownership = {
    target: store,
    status: 'failed',
    operation: { kind: 'provision', isRunning: false },
    isDeleteRequested: false,
    hasBeenReady: false,
    correlationId: 'test',
    updatedAt: NOW,
  };
  expect(await isRemovable()).toBe(true);
  live({ readySince: NOW.toISOString() });
  expect(await isRemovable()).toBe(false);
});

describe('a pass that finds a namespace with data and without a record', () => {
  test.each([
    [null, []],
    ['keep', []],
    ['adopt', ['adopt']],
    ['remove', ['cleanup']],
  ] as const)('carries out the decision %s with the runs %j', async (taken, kinds) => {
    decision = taken;
    expect(await asActivity(activities().findOrphans, FIRST_PAGE)).toMatchObject({ found: 0, cleanupsStarted: 0 });
    expect(noted.map(({ namespace }) => namespace)).toEqual([store.namespace]);
    expect(operations.runs.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('adopts but removes nothing while removals are paused', async () => {
    arePaused = true;
    for (const taken of ['remove', 'adopt'] as const) {
      decision = taken;
      await asActivity(activities().findOrphans, FIRST_PAGE);
    }
    expect(operations.runs.map(({ kind }) => kind)).toEqual(['adopt']);
  });
});
