import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { eventually, kubeClients, testStack, uniqueName } from '../../test/harness/stack/stack.ts';
import { checkClusterAccess } from '../cluster-check.ts';
import { openHelm } from './helm-cli.ts';
import { openKube } from './kube.ts';

const TINY_CHART = fileURLToPath(new URL('../../test/charts/tiny', import.meta.url));
const name = uniqueName('access');

let folder: string;
let token: string;
/** The cluster entry of the stack's kubeconfig. */
let cluster: unknown;

/** Creates a namespace, and in it a service account that may do everything, with a token. */
beforeAll(async () => {
  const { config, core } = kubeClients();
  folder = await mkdtemp(join(tmpdir(), 'cluster-access-test-'));
  await core.createNamespace({ body: { metadata: { name } } });
  await core.createNamespacedServiceAccount({ namespace: name, body: { metadata: { name } } });
  await config.makeApiClient(RbacAuthorizationV1Api).createClusterRoleBinding({
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name, namespace: name }],
    },
  });
  const request = { spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3_600 } };
  const created = await core.createNamespacedServiceAccountToken({ name, namespace: name, body: request });
  token = created.status?.token ?? '';
  const { server, caData, caFile } = config.getCurrentCluster() ?? {};
  const ca = caFile === undefined ? caData : await readFile(caFile, 'base64');
  cluster = { server, 'certificate-authority-data': ca };
});
afterAll(async () => {
  const { config, core } = kubeClients();
  await config.makeApiClient(RbacAuthorizationV1Api).deleteClusterRoleBinding({ name });
  await core.deleteNamespace({ name });
  await rm(folder, { recursive: true, force: true });
});

async function write(file: string, content: Readonly<Record<string, unknown>>): Promise<string> {
  const path = join(folder, file);
  await writeFile(path, JSON.stringify(content));
  return path;
}

/** Writes two files: one has the context and the cluster, the other one the user. */
async function kubeconfig(user: Readonly<Record<string, unknown>>): Promise<string> {
  const context = { name: 'prod', context: { cluster: 'c', user: 'u' } };
  const files = [
    await write('clusters', { clusters: [{ name: 'c', cluster }], contexts: [context] }),
    await write('users', { users: [{ name: 'u', user }] }),
  ];
  return files.join(delimiter);
}

/** Writes a plugin that works only with its home folder and a variable of its cloud provider. */
async function execUser(): Promise<Readonly<Record<string, unknown>>> {
  const command = join(folder, 'login');
  await writeFile(join(folder, 'session'), token);
  await writeFile(
    command,
    `#!/bin/sh
[ "$AWS_PROFILE" = shop ] || { echo "no profile" >&2; exit 1; }
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$(cat "$HOME/session")"'"}}'
`,
  );
  await chmod(command, 0o755);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './login', interactiveMode: 'Never' } };
}

/** Opens both clients as a worker does. */
async function open(source: {
  readonly context: string;
  readonly kubeconfig?: string;
  readonly serviceAccountFolder?: string;
}) {
  const { hostname, port } = new URL(kubeClients().config.getCurrentCluster()?.server ?? '');
  const env = {
    ...process.env,
    HOME: folder,
    AWS_PROFILE: 'shop',
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
  };
  const complete = { ...source, env };
  const kube = openKube(complete);
  const helm = await openHelm({ ...complete, bin: testStack().HELM_BIN });
  return { source: complete, kube, helm };
}

const USERS: readonly (readonly [string, () => Promise<Parameters<typeof open>[0]>])[] = [
  ['a token', async () => ({ context: 'prod', kubeconfig: await kubeconfig({ token }) })],
  ['a credential plugin', async () => ({ context: 'prod', kubeconfig: await kubeconfig(await execUser()) })],
  [
    'the service account of a pod',
    async () => {
      await writeFile(join(folder, 'token'), token);
      const { 'certificate-authority-data': ca } = cluster as { readonly 'certificate-authority-data': string };
      await writeFile(join(folder, 'ca.crt'), Buffer.from(ca, 'base64'));
      return { context: 'in-cluster', serviceAccountFolder: folder };
    },
  ],
];

describe.each(USERS)('with %s', (_, source) => {
  test('the Kubernetes client and Helm reach the same cluster, and Helm installs a release', async () => {
    const { source: opened, ...clients } = await open(await source());
    await checkClusterAccess(opened, clients);
    const release = { releaseName: uniqueName('tiny'), namespace: name };
    const values = { job: false, volume: false, replicas: 0 };
    await clients.helm.upgradeInstall({ ...release, chartDir: TINY_CHART, values });
    const { items } = await clients.kube.core.listNamespacedSecret({
      namespace: name,
      labelSelector: `owner=helm,name=${release.releaseName},status=deployed`,
    });
    expect(items).toHaveLength(1);
    await clients.helm.uninstall(release);
  });
});

test('a rejected token is reported by the check, and a new token in the same file is used without a restart', async () => {
  const { source, ...clients } = await open({ context: 'prod', kubeconfig: await kubeconfig({ token: 'revoked' }) });
  await expect(checkClusterAccess(source, clients)).rejects.toThrow(
    /^the Kubernetes client cannot use the cluster of KUBE_CONTEXT=prod \(KUBECONFIG: .*\): the cluster did not accept/,
  );
  await expect(clients.helm.checkAccess()).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  await kubeconfig({ token });
  await eventually(() => checkClusterAccess(source, clients).then(() => true));
});
