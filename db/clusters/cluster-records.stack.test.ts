import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createClusterRecords } from './cluster-records.ts';

const FACTS = { address: 'https://10.0.0.1:6443', kubernetesVersion: 'v1.36.1', nodes: 'simulated' } as const;

let records: TestRecords;
let clusters: ReturnType<typeof createClusterRecords>;

beforeEach(async () => {
  records = await openTestRecords();
  clusters = createClusterRecords(records.db);
});
afterEach(() => records.drop());

test('a worker that registers its cluster again keeps what operators have set', async () => {
  await clusters.recordAnswer(FACTS, NOW);
  await clusters.update('default', { status: 'cordoned', capacity: 5, labels: { region: 'eu' } }, NOW);
  await clusters.recordAnswer({ ...FACTS, kubernetesVersion: 'v1.37.0' }, later(30));
  const cluster = { name: 'default', address: FACTS.address, kubernetesVersion: 'v1.37.0', lastSeenAt: later(30) };
  expect(await clusters.list()).toMatchObject([
    { ...cluster, status: 'cordoned', capacity: 5, labels: { region: 'eu' }, answered: true },
  ]);
});

test('a cluster that does not answer keeps the time at which it was seen last', async () => {
  await clusters.recordSilence();
  expect(await clusters.list()).toEqual([]);
  await clusters.recordAnswer(FACTS, NOW);
  await clusters.recordSilence();
  expect(await clusters.list()).toMatchObject([{ answered: false, lastSeenAt: NOW }]);
});

test('says what kind of nodes the cluster has, and that the kind is unknown before a worker has registered it', async () => {
  expect(await clusters.nodes()).toBe('unknown');
  await clusters.recordAnswer(FACTS, NOW);
  expect(await clusters.nodes()).toBe('simulated');
  await clusters.recordAnswer({ ...FACTS, nodes: 'real' }, later(30));
  expect(await clusters.nodes()).toBe('real');
});

test('counts the stores and the open operations of all tenants', async () => {
  await clusters.recordAnswer(FACTS, NOW);
  await records.request({ tenantId: 'a' });
  await records.begun('provision', 'b');
  expect(await clusters.list()).toMatchObject([{ residentStores: 2, openOperations: 2 }]);
});

test('a change of a cluster that does not exist changes nothing', async () => {
  expect(await clusters.update('other', { status: 'cordoned' }, NOW)).toBeUndefined();
});

test('a cordoned cluster refuses a new store, and repeats the answer of an earlier request', async () => {
  const first = createInput({ idempotencyKey: 'first' });
  await records.stores.create(first);
  await clusters.recordAnswer(FACTS, NOW);
  await clusters.update('default', { status: 'cordoned' }, NOW);
  expect(await records.stores.create(createInput())).toEqual({
    kind: 'clusterRefused',
    cluster: 'default',
    reason: 'cordoned',
  });
  expect(await records.stores.create(first)).toMatchObject({ kind: 'replayed', store: { id: first.id } });
  expect(await records.stores.create({ ...first, requestHash: 'other' })).toEqual({ kind: 'keyReused' });
});

test('a full cluster refuses a new store of every tenant, and the refused store takes no place in a quota', async () => {
  await clusters.recordAnswer(FACTS, NOW);
  await clusters.update('default', { capacity: 1 }, NOW);
  await records.request({ tenantId: 'a' });
  expect(await records.stores.create(createInput({ tenantId: 'b' }))).toMatchObject({ reason: 'full' });
  await clusters.update('default', { capacity: 2 }, NOW);
  expect(await records.stores.create(createInput({ tenantId: 'b', maxStores: 1 }))).toMatchObject({ kind: 'created' });
});
