import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createClusterRecords } from './cluster-records.ts';

const FACTS = { uid: 'a', address: 'https://10.0.0.1:6443', kubernetesVersion: 'v1.36.1', nodes: 'simulated' } as const;

let records: TestRecords;
let clusters: ReturnType<typeof createClusterRecords>;

beforeEach(async () => {
  records = await openTestRecords();
  clusters = createClusterRecords(records.db);
});
afterEach(() => records.drop());

test('a worker that registers its cluster again keeps what operators have set', async () => {
  await clusters.recordAnswer('default', FACTS, NOW);
  await clusters.update('default', { status: 'cordoned', capacity: 5, labels: { region: 'eu' } }, NOW);
  await clusters.recordAnswer('default', { ...FACTS, kubernetesVersion: 'v1.37.0' }, later(30));
  const cluster = { name: 'default', address: FACTS.address, kubernetesVersion: 'v1.37.0', lastSeenAt: later(30) };
  expect(await clusters.list()).toMatchObject([
    { ...cluster, status: 'cordoned', capacity: 5, labels: { region: 'eu' }, answered: true },
  ]);
});

test('a cluster that does not answer keeps the time at which it was seen last', async () => {
  await clusters.recordSilence('default');
  expect(await clusters.list()).toEqual([]);
  await clusters.recordAnswer('default', FACTS, NOW);
  await clusters.recordSilence('default');
  expect(await clusters.list()).toMatchObject([{ answered: false, lastSeenAt: NOW }]);
});

test('says what kind of nodes the cluster has, and that the kind is unknown before a worker has registered it', async () => {
  expect(await clusters.nodes()).toBe('unknown');
  await clusters.recordAnswer('default', FACTS, NOW);
  expect(await clusters.nodes()).toBe('simulated');
  await clusters.recordAnswer('default', { ...FACTS, nodes: 'real' }, later(30));
  expect(await clusters.nodes()).toBe('real');
});

test('of the kinds of nodes of several clusters, real ones count', async () => {
  await clusters.recordAnswer('one', { ...FACTS, nodes: 'real' }, NOW);
  await clusters.recordAnswer('two', FACTS, NOW);
  expect(await clusters.nodes()).toBe('real');
});

test('counts the stores and the open operations of all tenants in each cluster', async () => {
  await clusters.recordAnswer('default', FACTS, NOW);
  await records.request({ tenantId: 'a' });
  await records.begun('provision', 'b');
  await clusters.recordAnswer('other', FACTS, NOW);
  expect(await clusters.list()).toMatchObject([
    { name: 'default', residentStores: 2, openOperations: 2 },
    { name: 'other', residentStores: 0, openOperations: 0 },
  ]);
});

test('a cluster is added before its workers exist, once, and keeps its settings when a worker registers it', async () => {
  const added = { name: 'eu-1', labels: { region: 'eu' }, capacity: 5, kubeconfigRef: 'kubeconfig-eu-1' };
  expect(await clusters.add(added, NOW)).toMatchObject({
    ...added,
    status: 'ready',
    address: null,
    nodes: 'unknown',
    answered: false,
    lastSeenAt: null,
  });
  expect(await clusters.add({ ...added, capacity: 9 }, NOW)).toBeUndefined();
  await clusters.recordAnswer('eu-1', FACTS, later(30));
  expect(await clusters.list()).toMatchObject([{ ...added, address: FACTS.address, lastSeenAt: later(30) }]);
});

test('the identity of a cluster stays until an operator clears it', async () => {
  expect(await clusters.uidOf('default')).toBeNull();
  await clusters.recordAnswer('default', FACTS, NOW);
  await clusters.recordAnswer('default', { ...FACTS, uid: 'b' }, later(30));
  expect(await clusters.uidOf('default')).toBe('a');
  expect(await clusters.update('default', { uid: null }, later(40))).toMatchObject({ uid: null });
  await clusters.recordAnswer('default', { ...FACTS, uid: 'b' }, later(50));
  expect(await clusters.list()).toMatchObject([{ uid: 'b' }]);
});

test('a change of a cluster that does not exist changes nothing', async () => {
  expect(await clusters.update('other', { status: 'cordoned' }, NOW)).toBeUndefined();
});
