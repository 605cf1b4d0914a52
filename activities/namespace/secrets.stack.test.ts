import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { engineSpec } from '../../domain/engines/index.ts';
import {
  asActivity,
  clusterInput,
  openTestCluster,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

let cluster: TestCluster;
let activities: ClusterActivities;
let input: ActivityInput;
beforeAll(async () => {
  cluster = await openTestCluster();
  activities = cluster.activities();
});
beforeEach(async () => {
  input = clusterInput();
  await asActivity(activities.ensureNamespace, input);
});
afterEach(() => asActivity(activities.deleteNamespace, input));

const { secretName: name, secretKeys } = engineSpec('woocommerce');

async function readData(): Promise<Readonly<Record<string, string>>> {
  const { namespace } = input.store;
  return (await cluster.kube.core.readNamespacedSecret({ name, namespace })).data ?? {};
}

test('creates every key of the engine once and keeps each value in later calls', async () => {
  const results = await Promise.all([1, 2, 3].map(() => asActivity(activities.ensureSecrets, input)));
  expect(results.filter(({ created }) => created)).toHaveLength(1);
  const data = await readData();
  expect(Object.keys(data).toSorted()).toEqual(secretKeys.map(({ key }) => key).toSorted());
  expect(await asActivity(activities.ensureSecrets, input)).toEqual({ secretName: name, created: false });
  expect(await readData()).toEqual(data);
});

test('creates random values of the specified length that differ from key to key', async () => {
  await asActivity(activities.ensureSecrets, input);
  const data = await readData();
  const random = secretKeys.flatMap((spec) => (spec.kind === 'random' ? [spec] : []));
  const values = random.map(({ key }) => Buffer.from(data[key] ?? '', 'base64').toString());
  expect(values.map((value) => value.length)).toEqual(random.map(({ length }) => length));
  expect(new Set(values).size).toBe(random.length);
});

test('adds a missing key without changing the others', async () => {
  await asActivity(activities.ensureSecrets, input);
  const { 'nonce-key': lost, ...kept } = await readData();
  const { namespace } = input.store;
  const secret = await cluster.kube.core.readNamespacedSecret({ name, namespace });
  secret.data = kept;
  await cluster.kube.core.replaceNamespacedSecret({ name, namespace, body: secret });
  await asActivity(activities.ensureSecrets, input);
  const repaired = await readData();
  expect(repaired).toMatchObject(kept);
  expect(repaired['nonce-key']).toBeDefined();
  expect(repaired['nonce-key']).not.toBe(lost);
});
