import { describe, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import { guardRemovals } from '../../domain/orphans.ts';
import type { Candidate, NamespaceOwnership, OrphanSource } from './orphan-search.ts';
import {
  type StoreOwnership,
  classifyNamespace,
  classifyObject,
  isRemovable,
  storeIdIn,
  targetIn,
} from './orphan-decision.ts';

const STORE_ID = '1a2b3c4d-0000-5000-8000-000000000000';
const NOW = new Date('2026-01-02T12:00:00Z');
const context = { installation: 'ours', now: NOW };

function ownership(seed: Partial<StoreOwnership> = {}): StoreOwnership {
  return {
    target: {
      storeId: STORE_ID,
      tenantId: 'tenant',
      name: 'Acme',
      engine: 'woocommerce',
      namespace: 'store-acme',
      releaseName: 'acme',
      host: 'acme.localhost',
    },
    status: 'ready',
    operation: { kind: 'provision', isRunning: false },
    isDeleteRequested: false,
    hasBeenReady: true,
    correlationId: 'test',
    updatedAt: new Date('2026-01-01T12:00:00Z'),
    ...seed,
  };
}

function candidate(source: OrphanSource, seed: Partial<Candidate> = {}): Candidate {
  return {
    source,
    kind: 'Namespace',
    name: 'store-acme',
    namespace: 'store-acme',
    uid: 'uid',
    labels: { [LABELS.storeId]: STORE_ID, [LABELS.installation]: 'ours', [LABELS.engine]: 'woocommerce' },
    isKept: false,
    isTerminating: false,
    ...seed,
  };
}

const namespace = candidate('namespaces');
const failed = { status: 'failed', hasBeenReady: false } as const;
const justNow = new Date(NOW.getTime() - 60_000);

describe('a namespace with our labels', () => {
  test.each<[string, Partial<Candidate>, StoreOwnership | undefined, object]>([
    ['of a ready store is fine', {}, ownership(), { kind: 'fine' }],
    ['of a store that is held is fine', {}, ownership({ status: 'held' }), { kind: 'fine' }],
    ['without a record is an orphan that may go', {}, undefined, { kind: 'orphan', isRemovable: true }],
    ['of a deleted store is an orphan that may go', {}, ownership({ status: 'deleted' }), { isRemovable: true }],
    ['that is going already is removed by nobody else', { isTerminating: true }, undefined, { isRemovable: false }],
    ['of another platform is none of our business', labelled({ installation: 'theirs' }), undefined, { kind: 'fine' }],
    ['of no platform stays', labelled({ installation: undefined }), undefined, { kind: 'orphan', isRemovable: false }],
    ['that names no store stays', labelled({ storeId: 'x' }), undefined, { kind: 'orphan', isRemovable: false }],
    ['of an engine that we do not know stays', labelled({ engine: 'x' }), undefined, { isRemovable: false }],
    ['beside the one of its store stays', { name: 'store-other' }, ownership(), { kind: 'orphan', isRemovable: false }],
    ['of a failed provision is what is left of it', {}, ownership(failed), { kind: 'leftovers' }],
    ['of a provision that has just failed is fine', {}, ownership({ ...failed, updatedAt: justNow }), { kind: 'fine' }],
    ['of a store that failed with data is fine', {}, ownership({ status: 'failed' }), { kind: 'fine' }],
    [
      'of a delete that failed long ago',
      {},
      ownership({ status: 'failed', operation: ended('delete') }),
      { kind: 'leftovers' },
    ],
    [
      'of a delete that runs is fine',
      {},
      ownership({ status: 'deleting', operation: running('delete') }),
      { kind: 'fine' },
    ],
  ])('%s', (_, seed, known, decision) => {
    expect(classifyNamespace({ ...namespace, ...seed }, known, context)).toMatchObject(decision);
  });
});

function labelled(labels: { readonly [K in 'storeId' | 'installation' | 'engine']?: string | undefined }) {
  const all = new Map(Object.entries(namespace.labels));
  for (const [name, value] of Object.entries(labels)) {
    const key = LABELS[name as keyof typeof labels]; // Object.entries forgets the names
    if (value === undefined) all.delete(key);
    else all.set(key, value);
  }
  return { labels: Object.fromEntries(all) };
}

function ended(kind: 'provision' | 'delete') {
  return { kind, isRunning: false } as const;
}

function running(kind: 'provision' | 'delete') {
  return { kind, isRunning: true } as const;
}

describe('all that is left of a store', () => {
  test.each<[string, StoreOwnership | undefined, boolean]>([
    ['without a record', undefined, true],
    ['deleted', ownership({ status: 'deleted' }), true],
    ['failed before it was ever ready', ownership(failed), true],
    ['cancelled before it was ever ready', ownership({ ...failed, status: 'cancelled' }), true],
    ['failed after it was ready', ownership({ status: 'failed' }), false],
    ['waiting for its retry', ownership({ ...failed, operation: running('provision') }), false],
    ['waiting for its delete', ownership({ ...failed, isDeleteRequested: true }), false],
    ['ready', ownership(), false],
    ['held', ownership({ status: 'held' }), false],
  ])('%s', (_, known, may) => {
    expect(isRemovable(known)).toBe(may);
  });
});

const deleted = ownership({ status: 'deleted' });

describe('an object that is no namespace', () => {
  test.each<[string, OrphanSource, Partial<Candidate>, StoreOwnership | undefined, NamespaceOwnership, object]>([
    ["a living store's volume", 'volumes', {}, ownership(), 'ours', { kind: 'fine' }],
    ['a volume whose namespace is there', 'volumes', {}, undefined, 'other', { kind: 'fine' }],
    ["a deleted store's volume with our labels", 'volumes', {}, deleted, 'gone', { kind: 'orphan', isRemovable: true }],
    ["a deleted store's volume without them", 'volumes', { labels: {} }, deleted, 'gone', { isRemovable: false }],
    ['a volume that is kept', 'volumes', { isKept: true }, deleted, 'gone', { kind: 'orphan', isRemovable: false }],
    ['a volume of no record', 'volumes', {}, undefined, 'gone', { kind: 'orphan', isRemovable: false }],
    ["a living store's Secret", 'secrets', {}, ownership(), 'ours', { kind: 'fine' }],
    ['a Secret in an orphaned namespace', 'secrets', {}, undefined, 'ours', { kind: 'fine' }],
    [
      "a deleted store's Secret elsewhere",
      'secrets',
      { namespace: 'store-x' },
      deleted,
      'other',
      { isRemovable: true },
    ],
    ['a Secret of no record', 'secrets', {}, undefined, 'other', { kind: 'orphan', isRemovable: false }],
    ["a store's release", 'release-records', { labels: { name: 'acme' } }, ownership(), 'ours', { kind: 'fine' }],
    ['a second release', 'release-records', { labels: { name: 'x' } }, ownership(), 'ours', { isRemovable: false }],
    ['a release in an orphaned namespace', 'release-records', {}, undefined, 'ours', { kind: 'fine' }],
    ['a release in a stray namespace', 'release-records', {}, undefined, 'other', { isRemovable: false }],
  ])('%s', (_, source, seed, known, namespaceOwnership, decision) => {
    expect(classifyObject(candidate(source, seed), known, namespaceOwnership)).toMatchObject(decision);
  });
});

test('a namespace tells the store it was made for, or none', () => {
  expect(targetIn(namespace)).toMatchObject({ storeId: STORE_ID, namespace: 'store-acme', releaseName: 'acme' });
  expect(targetIn({ ...namespace, name: 'kube-system' })).toBeUndefined();
  expect(storeIdIn({ labels: { [LABELS.storeId]: `${STORE_ID}'; --` } })).toBeUndefined();
});

describe('the guard against mass deletion', () => {
  test.each([
    [0, 5, 0, 0],
    [5, 5, 5, 0],
    [6, 5, 0, 6],
    [1, 0, 0, 1],
  ])('%d due with a limit of %d: %d go, %d are held back', (due, limit, removed, heldBack) => {
    const plan = guardRemovals(Array.from({ length: due }), limit);
    expect({ removed: plan.remove.length, heldBack: plan.heldBack }).toEqual({ removed, heldBack });
  });
});
