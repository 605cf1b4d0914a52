import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RbacAuthorizationV1Api, type V1ClusterRole, type V1ClusterRoleBinding } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import type { OwnedStore } from './ownership.ts';
import { labelsOf } from './ownership.ts';
import { openKube } from '../adapters/kube.ts';
import { clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import { kubeClients, uniqueName } from '../../test/harness/stack/stack.ts';
import { openCredentialReader } from './credential-reader.ts';

const OPERATIONS_PAGE = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));
const installation = '0b8e5a52-6f0c-4f3e-9d0d-6d1f6a3c2b11';
const account = uniqueName('api');
const store: OwnedStore = { ...clusterInput({ engine: 'woocommerce' }).store, installation };

const { config, core } = kubeClients();
const rbac = config.makeApiClient(RbacAuthorizationV1Api);
let folder: string;
let kubeconfig: string;

/** Returns the rights of the API as docs/operations.md shows them. */
async function documentedRole(): Promise<V1ClusterRole> {
  const page = await readFile(OPERATIONS_PAGE, 'utf8');
  const yaml = /<!-- api-role:begin -->\n\n```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const role = parseAllDocuments(yaml)
    .map((document): unknown => document.toJS())
    .find((object): object is V1ClusterRole => (object as { readonly kind?: string }).kind === 'ClusterRole');
  if (role === undefined) throw new Error('docs/operations.md shows no ClusterRole for the API');
  return role;
}

beforeAll(async () => {
  const { namespace } = store;
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: account } } });
  const { rules = [] } = await documentedRole();
  await rbac.createClusterRole({ body: { metadata: { name: account }, rules } });
  const binding: V1ClusterRoleBinding = {
    metadata: { name: account },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  };
  await rbac.createClusterRoleBinding({ body: binding });
  const request = { spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3_600 } };
  const { status } = await core.createNamespacedServiceAccountToken({ name: account, namespace, body: request });
  const { server, caData, caFile } = config.getCurrentCluster() ?? {};
  const ca = caFile === undefined ? caData : await readFile(caFile, 'base64');
  folder = await mkdtemp(join(tmpdir(), 'credential-reader-test-'));
  kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': ca } }],
      users: [{ name: 'u', user: { token: status?.token } }],
      contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
    }),
  );
});
afterAll(async () => {
  await rbac.deleteClusterRoleBinding({ name: account });
  await rbac.deleteClusterRole({ name: account });
  await core.deleteNamespace({ name: store.namespace });
  await rm(folder, { recursive: true, force: true });
});

test('with the rights of docs/operations.md, only the Secret of a store of this installation is read', async () => {
  const reader = openCredentialReader({ context: 'prod', kubeconfig }, { installation });
  expect(await reader.read(store)).toBeUndefined();

  const stringData = { 'admin-user': 'admin', 'admin-password': 's3cret', 'db-password': 'internal' };
  const metadata = { name: 'store-secrets', labels: labelsOf(store) };
  await core.createNamespacedSecret({ namespace: store.namespace, body: { metadata, stringData } });
  expect(await reader.read(store)).toEqual({ login: 'admin', password: 's3cret' });

  const other = openCredentialReader({ context: 'prod', kubeconfig }, { installation: 'another' });
  await expect(other.read(store)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });

  const kube = openKube({ context: 'prod', kubeconfig });
  const { namespace } = store;
  const forbidden: readonly (() => Promise<unknown>)[] = [
    () => kube.core.listNamespacedSecret({ namespace }),
    () => kube.core.readNamespacedSecret({ namespace, name: 'another' }),
    () => kube.core.deleteNamespacedSecret({ namespace, name: 'store-secrets' }),
    () => kube.core.listNamespacedPod({ namespace }),
  ];
  // The API server answers 403, which may pass: a changed permission takes a moment to reach every API server.
  for (const request of forbidden) {
    const refused = { code: 'CLUSTER_UNAVAILABLE', message: expect.stringContaining('forbidden') };
    await expect(kube.call('try', request)).rejects.toMatchObject(refused);
  }
});
