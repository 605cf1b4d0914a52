import { beforeEach, describe, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import type { SeenOrphan } from '../../domain/orphans.ts';
import type { StoreOwnership } from '../../domain/ports/reconcile-records.ts';
import type { SeenUnaccounted, UnaccountedDecision, UnaccountedNamespace } from '../../domain/unaccounted.ts';
import { seenOrphan } from '../../test/factories/orphan.ts';
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
let due: readonly SeenOrphan[];
let forgotten: string[];

beforeEach(() => {
  cluster = new FakeClusterReconciler();
  operations = new FakeStoreOperations();
  decision = null;
  ownership = undefined;
  arePaused = false;
  noted = [];
  due = [];
  forgotten = [];
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
      holdBack: async ({ maxRemovals }) => {
        const heldBack = due.filter(({ approvedAt }) => approvedAt === null && due.length > maxRemovals);
        return { heldBack: heldBack.length, examples: heldBack };
      },
      listRemovable: async ({ maxRemovals }) =>
        due.filter(({ approvedAt }) => approvedAt !== null || due.length <= maxRemovals),
      countDue: async () => due.length,
      forget: async (uid) => void forgotten.push(uid),
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

describe('a pass that settles the orphans', () => {
  const settle = () => asActivity(activities().settleOrphans, { cluster: 'default', passBegan: FIRST_PAGE.passBegan });
  const approved = { approvedAt: NOW };

  /** Returns orphaned volumes, of which the first `approvals` have the approval of an operator. */
  function volumes(count: number, approvals: number): readonly SeenOrphan[] {
    return Array.from({ length: count }, (_, index) =>
      seenOrphan({
        kind: 'PersistentVolume',
        name: `pv-${index}`,
        uid: `uid-${index}`,
        ...(index < approvals ? approved : {}),
      }),
    );
  }

  test.each([
    [6, 0, { removed: 0, heldBack: 6 }],
    [6, 2, { removed: 2, heldBack: 4 }],
    [6, 6, { removed: 6, heldBack: 0 }],
    [5, 0, { removed: 5, heldBack: 0 }],
  ])('removes of %d due orphans with %d approvals: %j', async (count, approvals, result) => {
    due = volumes(count, approvals);
    expect(await settle()).toEqual(result);
    const removed = due.slice(0, result.removed);
    expect(cluster.removed).toEqual(removed.map(({ name }) => `PersistentVolume/${name}`));
    expect(forgotten).toEqual(removed.map(({ uid }) => uid));
  });

  test('removes nothing while removals are paused, with or without an approval', async () => {
    due = volumes(6, 6);
    arePaused = true;
    expect(await settle()).toEqual({ removed: 0, heldBack: 6 });
    expect(cluster.removed).toEqual([]);
  });

  test('starts the cleanup of an approved namespace only if it holds no data and is the same', async () => {
    due = [seenOrphan({ name: store.namespace, uid: 'uid', ...approved })];
    await settle();
    expect(operations.runs).toEqual([]);
    cluster.evidence.clear();
    due = [seenOrphan({ name: store.namespace, uid: 'created again', ...approved })];
    await settle();
    expect(operations.runs).toEqual([]);
    due = [seenOrphan({ name: store.namespace, uid: 'uid', ...approved })];
    await settle();
    expect(operations.runs.map(({ kind }) => kind)).toEqual(['cleanup']);
  });
});
