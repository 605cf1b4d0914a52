import { expect, test } from '@jest/globals';
import { StoreError } from '../domain/failure.ts';
import { startAnsweringCluster } from '../test/harness/platform/answering-cluster.ts';
import { checkClusterAccess } from './cluster-check.ts';
import type { Helm } from './adapters/helm-cli.ts';
import { openKube } from './adapters/kube.ts';

/** Checks the access to a cluster that answers the given status, with a Helm that fails with `helmError`. */
async function check({ status = 200, helmError = '' }): Promise<void> {
  const cluster = await startAnsweringCluster((_, response) => {
    const body = status === 200 ? { kind: 'NamespaceList', items: [] } : { message: 'no permission' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  async function checkAccess(): Promise<void> {
    if (helmError !== '') throw new StoreError('CLUSTER_UNAVAILABLE', helmError);
  }
  const source = { context: cluster.context, kubeconfig: '/kube/a:/kube/b' };
  try {
    // The check uses only one function of Helm.
    await checkClusterAccess(source, { kube: openKube(cluster), helm: { checkAccess } as unknown as Helm });
  } finally {
    await cluster.close();
  }
}

test('succeeds when both clients reach the cluster', async () => {
  await expect(check({})).resolves.toBeUndefined();
});

test('names the client, the context, the kubeconfig and the reason', async () => {
  const setting = 'cannot use the cluster of KUBE_CONTEXT=here (KUBECONFIG: /kube/a, /kube/b)';
  await expect(check({ status: 403 })).rejects.toThrow(
    `the Kubernetes client ${setting}: the cluster refused to list the namespaces: no permission: HTTP 403`,
  );
  await expect(check({ helmError: 'helm could not list the releases: no route' })).rejects.toThrow(
    `Helm ${setting}: helm could not list the releases: no route`,
  );
});
