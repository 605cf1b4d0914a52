import { describe, expect, test } from '@jest/globals';
import { StoreError } from '../domain/failure.ts';
import { startAnsweringCluster } from '../test/harness/platform/answering-cluster.ts';
import { checkClusterAccess, findSettingProblems } from './cluster-check.ts';
import type { Helm } from './adapters/helm-cli.ts';
import { type Kube, openKube } from './adapters/kube.ts';
import type { JsonObject } from './release/values.ts';

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

describe('external egress of stores', () => {
  /** Returns the problems on a cluster whose API server has this address and port. */
  async function problemsAt(address: string, port: number, networkPolicy: JsonObject): Promise<readonly string[]> {
    const slice = { addressType: 'IPv4', endpoints: [{ addresses: [address] }], ports: [{ port }] };
    const kube = { read: async () => slice } as unknown as Kube; // the check reads nothing else
    return findSettingProblems(kube, { scheme: 'http', port: 80, overlays: { medusa: { networkPolicy } } });
  }

  test('must exclude a public address of the API server', async () => {
    const problem =
      'medusa.networkPolicy.externalEgress in STORE_VALUES_FILE lets stores connect to the API server at 203.0.113.7: ' +
      'add 203.0.113.7/32 to medusa.networkPolicy.externalEgressExcept';
    expect(await problemsAt('203.0.113.7', 443, { externalEgress: true })).toEqual([problem]);
    const others = { externalEgress: true, externalEgressExcept: ['203.0.112.0/24'] };
    expect(await problemsAt('203.0.113.7', 443, others)).toEqual([problem]);
    expect(await problemsAt('203.0.113.7', 443, { ...others, externalEgressExcept: ['203.0.113.7/32'] })).toEqual([]);
  });

  test.each([
    ['10.0.0.1', 443, true],
    ['203.0.113.7', 6443, true],
    ['203.0.113.7', 443, false],
  ])('is no problem with the API server at %s:%i and externalEgress %s', async (address, port, externalEgress) => {
    expect(await problemsAt(address, port, { externalEgress })).toEqual([]);
  });
});
