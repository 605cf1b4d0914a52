import type { StoreOwnership } from '../../domain/ports/reconcile-records.ts';
import { describe, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import type { Candidate, NamespaceOwnership, OrphanSource } from './orphan-search.ts';
import {
  classifyNamespace,
  classifyObject,
  isRemovable,
  needsEvidence,
  storeIdIn,
  targetIn,
} from './orphan-decision.ts';

const STORE_ID = '1a2b3c4d-0000-5000-8000-000000000000';
const NOW = new Date('2026-01-02T12:00:00Z');
const NO_DATA = { readySince: null, boundClaims: [], readyPods: [] };
const SEARCHER = { installation: 'ours', cluster: 'default' };
const context = { ...SEARCHER, now: NOW, evidence: NO_DATA };

function ownership(seed: Partial<StoreOwnership> = {}): StoreOwnership {
  return {
    target: {
      storeId: STORE_ID,
      cluster: 'default',
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
    readySince: null,
    isKept: false,
    isTerminating: false,
    ...seed,
  };
}

const namespace = candidate('namespaces');
const failed = { status: 'failed', hasBeenReady: false } as const;
const justNow = new Date(NOW.getTime() - 60_000);

describe('a namespace with the label of the platform', () => {
  test.each<[string, Partial<Candidate>, StoreOwnership | undefined, object]>([
    ['of a ready store is fine', {}, ownership(), { kind: 'fine' }],
    ['of a store that is held is fine', {}, ownership({ status: 'held' }), { kind: 'fine' }],
    ['without a record is a removable orphan', {}, undefined, { kind: 'orphan', isRemovable: true }],
    ['of a deleted store is a removable orphan', {}, ownership({ status: 'deleted' }), { isRemovable: true }],
    ['that is terminating is not removable', { isTerminating: true }, undefined, { isRemovable: false }],
    ['of another installation is ignored', labelled({ installation: 'theirs' }), undefined, { kind: 'fine' }],
    [
      'of another installation is ignored, also with the id of a failed store',
      labelled({ installation: 'theirs' }),
      ownership(failed),
      { kind: 'fine' },
    ],
    [
      'without an installation id is not removable',
      labelled({ installation: undefined }),
      undefined,
      { kind: 'orphan', isRemovable: false },
    ],
    [
      'of a failed provision without an installation id is not removable',
      labelled({ installation: undefined }),
      ownership(failed),
      { kind: 'orphan', isRemovable: false },
    ],
    [
      'that names no store is not removable',
      labelled({ storeId: 'x' }),
      undefined,
      { kind: 'orphan', isRemovable: false },
    ],
    ['of an unknown engine is not removable', labelled({ engine: 'x' }), undefined, { isRemovable: false }],
    [
      'besides the one of its store is not removable',
      { name: 'store-other' },
      ownership(),
      { kind: 'orphan', isRemovable: false },
    ],
    ['of a failed provision is a leftover', {}, ownership(failed), { kind: 'leftovers' }],
    ['of a provision that has just failed is fine', {}, ownership({ ...failed, updatedAt: justNow }), { kind: 'fine' }],
    ['of a store that failed with data is fine', {}, ownership({ status: 'failed' }), { kind: 'fine' }],
    [
      'of a delete that failed an hour ago is a leftover',
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

describe('a namespace without a record', () => {
  test.each([
    ['a bound volume claim', { boundClaims: ['data'] }],
    ['a ready pod', { readyPods: ['web-0'] }],
    ['the mark of a store that was ready', { readySince: '2026-01-01T12:00:00.000Z' }],
  ])('is unaccounted and never an orphan when it has %s', (_, evidence) => {
    const found = { ...NO_DATA, ...evidence };
    expect(classifyNamespace(namespace, undefined, { ...context, evidence: found })).toEqual({
      kind: 'unaccounted',
      found: { namespace: 'store-acme', uid: 'uid', target: targetIn(namespace, 'default'), evidence: found },
    });
  });

  test('is not removable without a search for its data', () => {
    const decision = classifyNamespace(namespace, undefined, { ...SEARCHER, now: NOW });
    expect(decision).toMatchObject({ kind: 'orphan', isRemovable: false });
  });

  test.each<[string, Partial<Candidate>, boolean]>([
    ['of this installation', {}, true],
    ['of another installation', labelled({ installation: 'theirs' }), false],
    ['that is terminating', { isTerminating: true }, false],
  ])('%s is searched for data: %#', (_, seed, isSearched) => {
    expect(needsEvidence({ ...namespace, ...seed }, undefined, SEARCHER)).toBe(isSearched);
    expect(needsEvidence({ ...namespace, ...seed }, ownership(), SEARCHER)).toBe(false);
  });
});

test.each(['ready', 'failed', 'deleted'] as const)(
  'a namespace is never removable while the record of its store, which is %s, names another cluster',
  (status) => {
    const known = ownership({ status });
    const elsewhere = { ...known, target: { ...known.target, cluster: 'other' } };
    expect(classifyNamespace(namespace, elsewhere, context)).toMatchObject({
      kind: 'orphan',
      isRemovable: false,
      reason: 'the record of its store names the cluster other',
    });
  },
);

test('a store that failed by its record is kept when its namespace has the mark of a store that was ready', () => {
  const marked = { ...namespace, readySince: '2026-01-01T12:00:00.000Z' };
  expect(classifyNamespace(namespace, ownership(failed), context)).toMatchObject({ kind: 'leftovers' });
  expect(classifyNamespace(marked, ownership(failed), context)).toEqual({ kind: 'fine' });
});

describe('isRemovable decides by the record of a store', () => {
  test.each<[string, StoreOwnership, boolean]>([
    ['deleted', ownership({ status: 'deleted' }), true],
    ['failed before it was ever ready', ownership(failed), true],
    ['cancelled before it was ever ready', ownership({ ...failed, status: 'cancelled' }), true],
    ['failed after it was ready', ownership({ status: 'failed' }), false],
    ['waiting for its retry', ownership({ ...failed, operation: running('provision') }), false],
    ['waiting for its delete', ownership({ ...failed, isDeleteRequested: true }), false],
    ['ready', ownership(), false],
    ['held', ownership({ status: 'held' }), false],
  ])('%s', (_, known, removable) => {
    expect(isRemovable(known)).toBe(removable);
  });
});

const deleted = ownership({ status: 'deleted' });

describe('an object other than a namespace', () => {
  test.each<[string, OrphanSource, Partial<Candidate>, StoreOwnership | undefined, NamespaceOwnership, object]>([
    ['a volume of an existing store', 'volumes', {}, ownership(), 'ours', { kind: 'fine' }],
    ['a volume whose namespace exists', 'volumes', {}, undefined, 'other', { kind: 'fine' }],
    [
      'a volume of a deleted store with its label',
      'volumes',
      {},
      deleted,
      'gone',
      { kind: 'orphan', isRemovable: true },
    ],
    [
      'a volume of a deleted store without its label',
      'volumes',
      { labels: {} },
      deleted,
      'gone',
      { isRemovable: false },
    ],
    [
      'a volume of a deleted store without an installation id',
      'volumes',
      labelled({ installation: undefined }),
      deleted,
      'gone',
      { isRemovable: false },
    ],
    [
      'a volume of another installation with the id of a deleted store',
      'volumes',
      labelled({ installation: 'theirs' }),
      deleted,
      'gone',
      { kind: 'fine' },
    ],
    ['a kept volume', 'volumes', { isKept: true }, deleted, 'gone', { kind: 'orphan', isRemovable: false }],
    ['a volume without a record', 'volumes', {}, undefined, 'gone', { kind: 'orphan', isRemovable: false }],
    ['a Secret of an existing store', 'secrets', {}, ownership(), 'ours', { kind: 'fine' }],
    ['a Secret in an orphaned namespace', 'secrets', {}, undefined, 'ours', { kind: 'fine' }],
    [
      'a Secret of a deleted store in another namespace',
      'secrets',
      { namespace: 'store-x' },
      deleted,
      'other',
      { isRemovable: true },
    ],
    [
      'a Secret of another installation with the id of a deleted store',
      'secrets',
      labelled({ installation: 'theirs' }),
      deleted,
      'other',
      { kind: 'fine' },
    ],
    [
      'a Secret of a deleted store without an installation id',
      'secrets',
      labelled({ installation: undefined }),
      deleted,
      'other',
      { isRemovable: false },
    ],
    ['a Secret in a namespace of another installation', 'secrets', {}, deleted, 'foreign', { kind: 'fine' }],
    ['a Secret without a record', 'secrets', {}, undefined, 'other', { kind: 'orphan', isRemovable: false }],
    ['the release of a store', 'release-records', { labels: { name: 'acme' } }, ownership(), 'ours', { kind: 'fine' }],
    ['a second release', 'release-records', { labels: { name: 'x' } }, ownership(), 'ours', { isRemovable: false }],
    ['a release in an orphaned namespace', 'release-records', {}, undefined, 'ours', { kind: 'fine' }],
    ['a release in a namespace of another installation', 'release-records', {}, undefined, 'foreign', { kind: 'fine' }],
    ['a release in another namespace', 'release-records', {}, undefined, 'other', { isRemovable: false }],
  ])('%s', (_, source, seed, known, namespaceOwnership, decision) => {
    const found = classifyObject(candidate(source, seed), known, { installation: 'ours', namespaceOwnership });
    expect(found).toMatchObject(decision);
  });
});

test('reads the store of a namespace from its labels', () => {
  expect(targetIn(namespace, 'eu-1')).toMatchObject({
    storeId: STORE_ID,
    cluster: 'eu-1',
    namespace: 'store-acme',
    releaseName: 'acme',
  });
  expect(targetIn({ ...namespace, name: 'kube-system' }, 'eu-1')).toBeUndefined();
  expect(storeIdIn({ labels: { [LABELS.storeId]: `${STORE_ID}'; --` } })).toBeUndefined();
});
