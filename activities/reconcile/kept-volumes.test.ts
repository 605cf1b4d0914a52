import { beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { StoreError } from '../../domain/failure.ts';
import { LABELS } from '../../domain/names.ts';
import { FakeClusterReconciler } from '../../test/fakes/fake-cluster-reconciler.ts';
import type { StoreOwnership } from '../../domain/ports/reconcile-records.ts';
import type { KeptVolume } from './kept-volume-search.ts';
import { createKeptVolumeActivities, type ReleaseExpiredVolumesResult } from './kept-volumes.ts';

const STORE_ID = '1a2b3c4d-0000-5000-8000-000000000000';
const NOW = '2026-11-26T12:00:00.000Z';
const PAST = '2026-11-26T11:59:59.000Z';
const FUTURE = '2026-11-26T12:00:01.000Z';

const DELETED: StoreOwnership = {
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
  status: 'deleted',
  operation: { kind: 'delete', isRunning: false },
  isDeleteRequested: true,
  hasBeenReady: true,
  correlationId: 'test',
  updatedAt: new Date(PAST),
};

function volume(seed: Partial<KeptVolume> = {}): KeptVolume {
  return {
    name: 'pv-1',
    resourceVersion: '1',
    claimNamespace: 'store-acme',
    labels: { [LABELS.storeId]: STORE_ID },
    mark: PAST,
    phase: 'Released',
    reclaimPolicy: 'Retain',
    ...seed,
  };
}

let cluster: FakeClusterReconciler;
let arePaused: boolean;
beforeEach(() => {
  cluster = new FakeClusterReconciler();
  arePaused = false;
});

/** Runs the activity on the first page of volumes. The arguments are the clocks of the worker and of the Temporal server. */
async function release(
  volumes: readonly KeptVolume[],
  {
    record = DELETED,
    worker = NOW,
    server = NOW,
  }: { record?: StoreOwnership | null; worker?: string; server?: string } = {},
  search = cluster.keptVolumes,
) {
  cluster.keptVolumeList.push(...volumes);
  const { releaseExpiredVolumes } = createKeptVolumeActivities({
    search,
    ownership: { ownershipById: async () => (record === null ? [] : [record]) },
    guard: { arePaused: async () => arePaused },
    now: () => new Date(worker),
  });
  const input = { cluster: 'default', pageSize: 10, after: null, passBegan: server };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const { released }: ReleaseExpiredVolumesResult = await environment.run(releaseExpiredVolumes, input);
  return { released, removed: cluster.removed };
}

test('no volume is released while removals are paused', async () => {
  arePaused = true;
  expect(await release([volume()])).toEqual({ released: 0, removed: [] });
});

test('a volume of a deleted store is released when its time is over', async () => {
  expect(await release([volume(), volume({ name: 'pv-2', mark: FUTURE })])).toEqual({
    released: 1,
    removed: ['PersistentVolume/pv-1'],
  });
});

describe('no volume is released', () => {
  test.each<[string, Partial<KeptVolume>, NonNullable<Parameters<typeof release>[1]>]>([
    ['before its time is over', { mark: FUTURE }, {}],
    ['without a mark', { mark: undefined }, {}],
    ['with a mark that is no instant', { mark: '2020-01-01' }, {}],
    ['with the mark of a volume that is kept without an end', { mark: 'forever' }, {}],
    ['while a claim is bound to it', { phase: 'Bound' }, {}],
    ['after a person made it available to another claim', { phase: 'Available' }, {}],
    ['twice', { reclaimPolicy: 'Delete' }, {}],
    ['of a store without a record', {}, { record: null }],
    ['of a store that is ready', {}, { record: { ...DELETED, status: 'ready' } }],
    ['of a store whose delete still runs', {}, { record: { ...DELETED, status: 'deleting' } }],
    ['of a claim outside the namespace of its store', { claimNamespace: 'store-other' }, {}],
    [
      'of a store that was in another cluster',
      {},
      { record: { ...DELETED, target: { ...DELETED.target, cluster: 'other' } } },
    ],
    ['without the label of a store', { labels: {} }, {}],
    [
      'when only the clock of the worker says that its time is over',
      { mark: FUTURE },
      { worker: '2030-01-01T00:00:00Z' },
    ],
    [
      'when only the clock of Temporal says that its time is over',
      { mark: FUTURE },
      { server: '2030-01-01T00:00:00Z' },
    ],
  ])('%s', async (_, seed, context) => {
    expect(await release([volume(seed)], context)).toMatchObject({ released: 0, removed: [] });
  });
});

describe('a volume that the cluster refuses to change', () => {
  function refusing(code: 'CLUSTER_REFUSED' | 'CLUSTER_UNAVAILABLE') {
    return {
      ...cluster.keptVolumes,
      release: async (candidate: KeptVolume) => {
        if (candidate.name === 'pv-1') throw new StoreError(code, 'no');
        return cluster.keptVolumes.release(candidate);
      },
    };
  }

  test('does not stop the release of the others', async () => {
    const result = await release([volume(), volume({ name: 'pv-2' })], {}, refusing('CLUSTER_REFUSED'));
    expect(result).toMatchObject({ released: 1, removed: ['PersistentVolume/pv-2'] });
  });

  test('fails the activity when the cluster does not answer, so that the activity is retried', async () => {
    await expect(release([volume()], {}, refusing('CLUSTER_UNAVAILABLE'))).rejects.toMatchObject({
      code: 'CLUSTER_UNAVAILABLE',
    });
  });
});
