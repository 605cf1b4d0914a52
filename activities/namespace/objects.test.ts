import { expect, test } from '@jest/globals';
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
