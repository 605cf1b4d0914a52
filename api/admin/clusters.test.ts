import { expect, test } from '@jest/globals';
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
  [{ status: 'draining' }, '/status'],
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
    { code: 'CLUSTER_NOT_ACCEPTING', cluster: 'default', reason: 'cordoned' },
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
  expect([refused.status, await readJson(refused)]).toMatchObject([409, { cluster: 'default', reason: 'full' }]);
});
