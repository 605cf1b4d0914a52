import { mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppsV1Api, BatchV1Api, CoreV1Api, type V1Container, type V1PodSpec } from '@kubernetes/client-node';
import { removeAbandonedStacks } from '../../test/harness/abandoned-stacks.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { startNodeStack, type NodeStack } from '../../test/harness/node/node-stack.ts';
import { localKubeConfig } from '../services/cluster-objects.ts';
import { openStateFolder, removeStateFolder } from '../processes/state-folder.ts';
import { addedSince, snapshotHost, type HostSnapshot } from './host/host-snapshot.ts';
import { NODE, nodeLayout } from './node-layout.ts';
import { nodeMachineProblem } from './host/requirements.ts';

const problem = nodeMachineProblem();
if (problem !== undefined) process.stderr.write(`NOT RUN: the tests of the real node. ${problem}\n`);

const FOLDER_PREFIX = 'store-platform-node-';
const NAMESPACE = 'store-acme';
const labels = { app: 'shop' };
const POD_DEADLINE = { deadlineMs: 60_000 };

/** A pod that satisfies the Pod Security standard `restricted`, like the pods of a store. */
function restrictedPod(
  main: { readonly command: string[] } & Partial<V1Container>,
  pod?: Partial<V1PodSpec>,
): V1PodSpec {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 5,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1_000,
      fsGroup: 1_000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'main',
        image: NODE.sandboxImage,
        imagePullPolicy: 'Never',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        ...main,
      },
    ],
    ...pod,
  };
}

/** A shop that appends a line to a file on each start and serves the file. */
const SHOP_POD = restrictedPod(
  {
    command: ['sh', '-c', 'echo started >> /data/index.html; exec httpd -f -p 8080 -h /data'],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
  },
  { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
);

async function createShop(kubeconfig: string): Promise<void> {
  const cluster = localKubeConfig(kubeconfig);
  const core = cluster.makeApiClient(CoreV1Api);
  await core.createNamespace({
    body: { metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
  });
  await core.createNamespacedPersistentVolumeClaim({
    namespace: NAMESPACE,
    body: {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
    },
  });
  await core.createNamespacedService({
    namespace: NAMESPACE,
    body: { metadata: { name: 'storefront' }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
  });
  await cluster.makeApiClient(AppsV1Api).createNamespacedDeployment({
    namespace: NAMESPACE,
    body: {
      metadata: { name: 'shop' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: SHOP_POD } },
    },
  });
}

function httpGet(url: string, host?: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: 5_000, ...(host === undefined ? {} : { headers: { host } }) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.once('end', () => resolve({ status: response.statusCode, body }));
    });
    request.once('timeout', () => request.destroy(new Error(`${url} did not respond`)));
    request.once('error', reject);
  });
}

(problem === undefined ? describe : describe.skip)('a real node', () => {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), FOLDER_PREFIX)));
  let before: HostSnapshot;
  let stack: NodeStack | undefined;

  function running(): NodeStack {
    if (stack === undefined) throw new Error('the node is not running');
    return stack;
  }

  function clients(): { readonly core: CoreV1Api; readonly batch: BatchV1Api } {
    const cluster = localKubeConfig(running().env['KUBECONFIG'] ?? '');
    return { core: cluster.makeApiClient(CoreV1Api), batch: cluster.makeApiClient(BatchV1Api) };
  }

  function requestStore(slug: string): ReturnType<typeof httpGet> {
    const { STORE_PORT, STORE_DOMAIN } = running().env;
    return httpGet(`http://127.0.0.1:${STORE_PORT}/`, `${slug}.${STORE_DOMAIN}:${STORE_PORT}`);
  }

  /** Waits until the shop has started `count` times. It appends one line to its volume per start. */
  function shopAfterStarts(count: number): Promise<unknown> {
    return eventually(async () => {
      expect(await requestStore('acme')).toEqual({ status: 200, body: 'started\n'.repeat(count) });
      return true;
    }, POD_DEADLINE);
  }

  /** Runs a command in a pod of the store's namespace. Returns its output and whether it succeeded. */
  async function runInPod(name: string, command: readonly string[]) {
    const { core, batch } = clients();
    await batch.createNamespacedJob({
      namespace: NAMESPACE,
      body: {
        metadata: { name },
        spec: {
          backoffLimit: 0,
          template: { spec: restrictedPod({ command: [...command] }, { restartPolicy: 'Never' }) },
        },
      },
    });
    const succeeded = await eventually(async () => {
      const { status } = await batch.readNamespacedJob({ namespace: NAMESPACE, name });
      return (status?.succeeded ?? 0) > 0 ? 'yes' : (status?.failed ?? 0) > 0 && 'no';
    }, POD_DEADLINE);
    const pods = await core.listNamespacedPod({ namespace: NAMESPACE, labelSelector: `job-name=${name}` });
    const output = await core.readNamespacedPodLog({ namespace: NAMESPACE, name: pods.items[0]?.metadata?.name ?? '' });
    return { succeeded: succeeded === 'yes', output };
  }

  beforeAll(async () => {
    await removeAbandonedStacks(FOLDER_PREFIX);
    before = await snapshotHost(stateDir);
    stack = await startNodeStack(stateDir);
    await createShop(stack.env['KUBECONFIG'] ?? '');
  }, 1_800_000); // the first run on a machine may build its tools from source

  afterAll(async () => {
    await stack?.stop();
    await removeStateFolder(openStateFolder(stateDir));
  }, 120_000);

  test('routes a request for <slug>.localhost to the store with that slug', async () => {
    await shopAfterStarts(1);
    expect(await requestStore('unknown')).toEqual({
      status: 503,
      body: expect.stringContaining('No store responds at unknown'),
    });
  });

  test('routes the cluster IP of a Service to its pod from this machine', async () => {
    const service = await clients().core.readNamespacedService({ namespace: NAMESPACE, name: 'storefront' });
    expect(await httpGet(`http://${service.spec?.clusterIP}/`)).toMatchObject({ status: 200 });
  });

  test('rejects the cluster IP of a Service that does not exist instead of sending it to the network', async () => {
    await expect(httpGet('http://10.96.250.250/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('resolves Services at the cluster IP of the name server', async () => {
    const service = await clients().core.readNamespacedService({ namespace: NAMESPACE, name: 'storefront' });
    const resolver = new Resolver();
    resolver.setServers([NODE.dnsAddress]);
    expect(await resolver.resolve4(`storefront.${NAMESPACE}.svc.cluster.local`)).toEqual([service.spec?.clusterIP]);
  });

  test('lets a pod reach a Service by its short name', async () => {
    expect(await runInPod('client', ['wget', '-q', '-O', '-', 'http://storefront'])).toEqual({
      succeeded: true,
      output: 'started\n',
    });
  });

  test('blocks pods from the ports of this machine', async () => {
    const server = createServer((_, response) => response.end('private'));
    await new Promise<void>((resolve) => server.listen(0, NODE.address, resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const result = await runInPod('blocked', ['wget', '-q', '-T', '5', '-O', '-', `http://${NODE.address}:${port}`]);
    server.close();
    expect(result).toMatchObject({ succeeded: false, output: expect.not.stringContaining('private') });
  });

  test('leaves nothing on the machine after a stop and restores pods and volumes after the next start', async () => {
    await running().stop();
    stack = undefined;
    expect(addedSince(before, await snapshotHost(stateDir))).toEqual({});
    stack = await startNodeStack(stateDir);
    await shopAfterStarts(2);
  });

  test('cleans up after a killed run and continues with the same state', async () => {
    await running().kill();
    stack = undefined;
    stack = await startNodeStack(stateDir);
    await shopAfterStarts(3);
  });

  test('deletes the folder of a volume with its claim', async () => {
    const { volumes } = nodeLayout(stateDir);
    expect(readdirSync(volumes)).toHaveLength(1);
    await clients().core.deleteNamespace({ name: NAMESPACE });
    await eventually(() => readdirSync(volumes).length === 0, POD_DEADLINE);
  });

  test('leaves nothing on the machine after the last stop', async () => {
    await running().stop();
    stack = undefined;
    expect(addedSince(before, await snapshotHost(stateDir))).toEqual({});
  });
});
