import { describe, expect, test } from '@jest/globals';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import type { Cluster } from '../contract/cluster.ts';

const PATH = '/api/admin/clusters/default';

function change(app: ReturnType<typeof fakeApi>['app'], body: unknown, path = PATH) {
  return app.request(path, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

test('lists the cluster that a worker has registered', async () => {
  const { data } = await readJson<{ data: Cluster[] }>(await fakeApi().app.request('/api/admin/clusters'));
  expect(data).toMatchObject([{ name: 'default', status: 'ready', capacity: null, isReachable: true, labels: {} }]);
});

test('changes only the fields of the body, and the audit log has them', async () => {
  const { app, audited } = fakeApi();
  await change(app, { capacity: 5, labels: { region: 'eu' } });
  const changed = await readJson<Cluster>(await change(app, { status: 'cordoned' }));
  expect(changed).toMatchObject({ status: 'cordoned', capacity: 5, labels: { region: 'eu' } });
  expect(audited.map(({ action, target, change: fields }) => [action, target, fields])).toEqual([
    ['updateCluster', 'cluster/default', { capacity: 5, labels: { region: 'eu' } }],
    ['updateCluster', 'cluster/default', { status: 'cordoned' }],
  ]);
});

test('a cluster that does not exist is 404', async () => {
  for (const name of ['other', 'Not%20a%20name']) {
    const response = await change(fakeApi().app, { status: 'ready' }, `/api/admin/clusters/${name}`);
    expect([response.status, await readJson(response)]).toMatchObject([404, { code: 'CLUSTER_NOT_FOUND' }]);
  }
});

test.each([
  [{ status: 'gone' }, '/status'],
  [{ capacity: -1 }, '/capacity'],
  [{ labels: { '-': 'x' } }, '/labels/-'],
  [{ labels: { region: 'ä' } }, '/labels/region'],
  [{ name: 'other' }, '/name'],
])('refuses %j and names the field', async (body, pointer) => {
  const response = await change(fakeApi().app, body);
  expect([response.status, await readJson(response)]).toMatchObject([400, { errors: [{ pointer }] }]);
});

test('a cordoned cluster refuses a new store, names itself and says when to try again', async () => {
  const { app, post, newStore } = fakeApi();
  const { storeId } = await newStore('first');
  await change(app, { status: 'cordoned' });
  const refused = await post({ key: 'second' });
  expect([refused.status, refused.headers.get('retry-after'), await readJson(refused)]).toMatchObject([
    409,
    '300',
    { code: 'CLUSTER_NOT_ACCEPTING', clusters: ['default'], reason: 'cordoned' },
  ]);
  const repeated = await post({ key: 'first' });
  expect([repeated.status, await readJson(repeated)]).toMatchObject([202, { storeId }]);
  await change(app, { status: 'ready' });
  expect((await post({ key: 'second' })).status).toBe(202);
});

test('a full cluster refuses a new store', async () => {
  const { app, post, newStore } = fakeApi();
  await newStore('first');
  await change(app, { capacity: 1 });
  const refused = await post({ key: 'second' });
  expect([refused.status, await readJson(refused)]).toMatchObject([409, { clusters: ['default'], reason: 'full' }]);
});

function add(app: ReturnType<typeof fakeApi>['app'], body: unknown) {
  return app.request('/api/admin/clusters', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('a cluster that an operator adds', () => {
  const EU = { name: 'eu-1', labels: { region: 'eu' }, capacity: 5, kubeconfigRef: 'kubeconfig-eu-1' };

  test('is listed before a worker has reached it, and the audit log has it', async () => {
    const { app, audited } = fakeApi();
    const added = await add(app, EU);
    const expected = {
      ...EU,
      status: 'ready',
      uid: null,
      address: null,
      kubernetesVersion: null,
      nodes: 'unknown',
      residentStores: 0,
      openOperations: 0,
      isReachable: false,
      lastSeenAt: null,
    };
    expect([added.status, await readJson(added)]).toEqual([201, expected]);
    const { data } = await readJson<{ data: Cluster[] }>(await app.request('/api/admin/clusters'));
    expect(data.map(({ name }) => name)).toEqual(['default', 'eu-1']);
    expect(audited.map(({ action, change: fields }) => [action, fields])).toEqual([['addCluster', EU]]);
  });

  test('needs only a name, which no other cluster has', async () => {
    const { app } = fakeApi();
    expect(await readJson(await add(app, { name: 'eu-1' }))).toMatchObject({
      labels: {},
      capacity: null,
      kubeconfigRef: null,
    });
    const again = await add(app, { name: 'default' });
    expect([again.status, await readJson(again)]).toMatchObject([409, { code: 'CLUSTER_EXISTS' }]);
  });

  test.each([
    [{}, '/name'],
    [{ name: 'Eu 1' }, '/name'],
    [{ name: 'x'.repeat(64) }, '/name'],
    [{ ...EU, status: 'cordoned' }, '/status'],
    [{ ...EU, kubeconfigRef: 'two words' }, '/kubeconfigRef'],
  ])('is refused as %j with the field', async (body, pointer) => {
    const response = await add(fakeApi().app, body);
    expect([response.status, await readJson(response)]).toMatchObject([400, { errors: [{ pointer }] }]);
  });

  test('gets the stores that ask for its labels, and the store says where it is', async () => {
    const { app, post } = fakeApi();
    await add(app, EU);
    const inEu = await post({ key: 'first', body: { ...STORE, placement: { labels: { region: 'eu' } } } });
    expect([inEu.status, await readJson(inEu)]).toMatchObject([202, { cluster: 'eu-1' }]);
    const anywhere = await post({ key: 'second' });
    expect(await readJson(anywhere)).toMatchObject({ cluster: 'default' });
  });
});

const STORE = { name: 'Acme Shoes', engine: 'woocommerce' };

test('a store that asks for labels that no cluster has is refused, and the labels are part of its request', async () => {
  const { app, post } = fakeApi();
  await change(app, { labels: { region: 'eu', tier: 'gold' } });
  const refused = await post({ key: 'us', body: { ...STORE, placement: { labels: { region: 'us' } } } });
  expect([refused.status, await readJson(refused)]).toMatchObject([409, { clusters: [], reason: 'unmatched' }]);
  const labels = { region: 'eu', tier: 'gold' };
  expect((await post({ key: 'eu', body: { ...STORE, placement: { labels } } })).status).toBe(202);
  const reordered = { tier: 'gold', region: 'eu' };
  expect((await post({ key: 'eu', body: { ...STORE, placement: { labels: reordered } } })).status).toBe(202);
  const other = await post({ key: 'eu', body: { ...STORE, placement: { labels: { region: 'eu' } } } });
  expect([other.status, await readJson(other)]).toMatchObject([422, { code: 'IDEMPOTENCY_KEY_REUSED' }]);
});

test('a draining cluster refuses a new store', async () => {
  const { app, post } = fakeApi();
  expect(await readJson(await change(app, { status: 'draining' }))).toMatchObject({ status: 'draining' });
  const refused = await post({ key: 'first' });
  expect([refused.status, await readJson(refused)]).toMatchObject([409, { reason: 'draining' }]);
});
