import { expect, test } from '@jest/globals';
import { findClusterMismatch } from './cluster-identity.ts';

function check(recorded: string | null) {
  return findClusterMismatch({
    name: 'eu-1',
    describe: async () => ({ uid: 'a', address: 'https://10.0.0.1:6443', kubernetesVersion: 'v1.36.1', nodes: 'real' }),
    registry: { uidOf: async () => recorded },
  });
}

test.each([
  ['a cluster without a recorded identity', null],
  ['the recorded cluster', 'a'],
])('%s is accepted', async (_, recorded) => {
  expect(await check(recorded)).toBeUndefined();
});

test('another cluster is refused, with the settings to change', async () => {
  expect(await check('b')).toMatch(/10\.0\.0\.1:6443 is not the cluster eu-1.* UID a, .* has b\. Set CLUSTER_NAME/);
});
