import { expect, test } from '@jest/globals';
import { ENGINES, engineSpec } from '../../domain/engines/index.ts';
import { clusterInput, ownedInTest } from '../../test/harness/platform/cluster-activities.ts';
import { limitRangeObject, networkPolicyObject, quotaObject } from './objects.ts';

const store = ownedInTest(clusterInput().store);

test('a store looks up names only at the DNS pods of the cluster and at the resolvers of the setting', () => {
  const dnsPods = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  };
  const peers = (networks: readonly string[]) => networkPolicyObject(store, networks).spec?.egress?.map(({ to }) => to);
  expect(peers([])).toEqual([[dnsPods]]);
  expect(peers(['169.254.20.10/32'])).toEqual([[dnsPods, { ipBlock: { cidr: '169.254.20.10/32' } }]]);
});

test('a container without limits for disk gets one, and requests no disk', () => {
  const [limits] = limitRangeObject(store).spec?.limits ?? [];
  expect(limits).toMatchObject({
    _default: { 'ephemeral-storage': '1Gi' },
    // Nodes that do not report their disk accept no pod with a request.
    defaultRequest: { 'ephemeral-storage': '0' },
  });
});

test('the quota limits disk and the number of objects that need no pod', () => {
  const hard = quotaObject(store).spec?.hard ?? {};
  expect(hard).toMatchObject({ 'limits.ephemeral-storage': '20Gi', 'requests.ephemeral-storage': '20Gi' });
  for (const kind of ['secrets', 'configmaps', 'services', 'jobs.batch', 'deployments.apps']) {
    expect(Object.keys(hard)).toContain(`count/${kind}`);
  }
});

test.each([
  [undefined, ['2', '12', '2Gi', '3Gi']],
  [{ cpuMillis: 0, memoryMebibytes: 0 }, ['2', '12', '2Gi', '3Gi']],
  [{ cpuMillis: 2_000, memoryMebibytes: 1_024 }, ['32', '42', '17Gi', '18Gi']],
  [{ cpuMillis: 10, memoryMebibytes: 50 }, ['2150m', '12150m', '2798Mi', '3822Mi']],
])('the quota has room for the containers that the cluster adds to each of its 15 pods: %j', (extra, amounts) => {
  const hard = quotaObject({ ...store, engine: 'woocommerce' }, extra).spec?.hard;
  expect(hard).toMatchObject({ pods: '15' });
  expect(['requests.cpu', 'limits.cpu', 'requests.memory', 'limits.memory'].map((name) => hard?.[name])).toEqual(
    amounts,
  );
});

test.each(ENGINES)('the quota of a %s store has amounts to which an extra can be added', (engine) => {
  const { cpuRequests, cpuLimits, memoryRequests, memoryLimits } = engineSpec(engine).quota;
  for (const cpu of [cpuRequests, cpuLimits]) expect(cpu).toMatch(/^[1-9]\d*$/);
  for (const memory of [memoryRequests, memoryLimits]) expect(memory).toMatch(/^[1-9]\d*Gi$/);
});
