import { mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { ensureClusterPki, type ClusterPki } from './kubernetes-pki.ts';
import { minimalEnvironment, type LocalCluster, type ServiceContext, type ServiceEnv } from '../service.ts';
import { portNeed, portNeeds } from '../processes/ports.ts';
import { writePrivateFile } from '../files.ts';
import { auditFlags } from './audit.ts';

export const KUBE_CONTEXT = 'store-platform-local';
const POD_RANGE = '10.244.0.0/16';
const SERVICE_RANGE = '10.96.0.0/16';

/** Starts a Kubernetes control plane without nodes. A `NodeProvider` adds the nodes. */
export async function startControlPlane(context: ServiceContext): Promise<LocalCluster & { readonly env: ServiceEnv }> {
  const { folder } = context;
  const home = join(folder.path, 'kubernetes');
  const kubeconfig = join(home, 'kubeconfig');
  const pki = await ensureClusterPki(join(home, 'pki'));
  writeKubeconfig(kubeconfig, pki, context.ports.kubernetes);

  await startEtcd(context, { dataDir: join(home, 'etcd'), pki });
  await startApiServer(context, pki);
  await Promise.all([
    startControllerManager(context, { pki, kubeconfig }),
    startScheduler(context, { pki, kubeconfig }),
  ]);
  return { env: { KUBECONFIG: kubeconfig, KUBE_CONTEXT }, kubeconfig, pki };
}

/**
 * etcd and the API server identify each other by certificates of this cluster: the API server never writes to
 * another etcd, also if one takes the port later.
 */
async function startEtcd(
  { supervisor, toolPath, ports, signal, durable }: ServiceContext,
  { dataDir, pki }: { readonly dataDir: string; readonly pki: ClusterPki },
): Promise<void> {
  const clientUrl = `https://127.0.0.1:${ports.etcd}`;
  const peerUrl = `http://127.0.0.1:${ports.etcdPeer}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  await supervisor.start(
    {
      name: 'etcd',
      command: toolPath('etcd'),
      args: [
        '--name=local',
        `--data-dir=${dataDir}`,
        '--log-level=warn',
        `--listen-client-urls=${clientUrl}`,
        `--advertise-client-urls=${clientUrl}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=local=${peerUrl}`,
        `--cert-file=${pki.servingCertFile}`,
        `--key-file=${pki.servingKeyFile}`,
        `--trusted-ca-file=${pki.caFile}`,
        '--client-cert-auth',
        // The gateway would be a client whose certificate is that of the server.
        '--enable-grpc-gateway=false',
        ...(durable ? ['--auto-compaction-retention=1h'] : ['--unsafe-no-fsync']),
      ],
      env: minimalEnvironment(),
      ports: portNeeds(ports, 'etcd', 'etcdPeer'),
      probe: (probeSignal) => requireHealthy({ port: ports.etcd, path: '/readyz', pki, signal: probeSignal }),
      readyDeadlineMs: 60_000,
    },
    signal,
  );
}

async function startApiServer(context: ServiceContext, pki: ClusterPki): Promise<void> {
  const { supervisor, toolPath, ports, signal } = context;
  await supervisor.start(
    {
      name: 'kube-apiserver',
      command: toolPath('kube-apiserver'),
      args: [
        `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
        `--etcd-cafile=${pki.caFile}`,
        `--etcd-certfile=${pki.adminCertFile}`,
        `--etcd-keyfile=${pki.adminKeyFile}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        `--secure-port=${ports.kubernetes}`,
        // A loopback address can't be an endpoint of the `kubernetes` Service. Pods on simulated nodes never call it.
        '--endpoint-reconciler-type=none',
        `--service-cluster-ip-range=${SERVICE_RANGE}`,
        `--tls-cert-file=${pki.servingCertFile}`,
        `--tls-private-key-file=${pki.servingKeyFile}`,
        `--client-ca-file=${pki.caFile}`,
        `--service-account-key-file=${pki.serviceAccountPublicKeyFile}`,
        `--service-account-signing-key-file=${pki.serviceAccountKeyFile}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        '--authorization-mode=Node,RBAC',
        '--allow-privileged=true',
        // For `kubectl logs` and `kubectl exec` on a real node.
        '--kubelet-preferred-address-types=InternalIP',
        `--kubelet-client-certificate=${pki.adminCertFile}`,
        `--kubelet-client-key=${pki.adminKeyFile}`,
        `--kubelet-certificate-authority=${pki.caFile}`,
        ...(context.audit === true ? auditFlags(context.folder) : []),
      ],
      env: minimalEnvironment(),
      ports: [portNeed(ports, 'kubernetes')],
      probe: (probeSignal) => requireHealthy({ port: ports.kubernetes, path: '/readyz', pki, signal: probeSignal }),
      readyDeadlineMs: 120_000,
    },
    signal,
  );
}

interface ClientFiles {
  readonly pki: ClusterPki;
  readonly kubeconfig: string;
}

async function startControllerManager(context: ServiceContext, { pki, kubeconfig }: ClientFiles): Promise<void> {
  const { supervisor, toolPath, ports, signal } = context;
  await supervisor.start(
    {
      name: 'kube-controller-manager',
      command: toolPath('kube-controller-manager'),
      args: [
        ...servingFlags(pki, ports.controllerManager),
        `--kubeconfig=${kubeconfig}`,
        '--leader-elect=false',
        '--use-service-account-credentials',
        `--service-account-private-key-file=${pki.serviceAccountKeyFile}`,
        `--root-ca-file=${pki.caFile}`,
        `--cluster-signing-cert-file=${pki.caFile}`,
        `--cluster-signing-key-file=${pki.caKeyFile}`,
        '--allocate-node-cidrs',
        `--cluster-cidr=${POD_RANGE}`,
        '--enable-hostpath-provisioner=true',
        // The default of 20 requests per second binds the claims of some hundred stores too late for their deadline.
        '--kube-api-qps=300',
        '--kube-api-burst=600',
      ],
      env: minimalEnvironment(),
      ports: [portNeed(ports, 'controllerManager')],
      probe: (probeSignal) =>
        requireHealthy({ port: ports.controllerManager, path: '/healthz', pki, signal: probeSignal }),
      readyDeadlineMs: 60_000,
    },
    signal,
  );
}

async function startScheduler(context: ServiceContext, { pki, kubeconfig }: ClientFiles): Promise<void> {
  const { supervisor, toolPath, ports, signal } = context;
  await supervisor.start(
    {
      name: 'kube-scheduler',
      command: toolPath('kube-scheduler'),
      args: [...servingFlags(pki, ports.scheduler), `--kubeconfig=${kubeconfig}`, '--leader-elect=false'],
      env: minimalEnvironment(),
      ports: [portNeed(ports, 'scheduler')],
      probe: (probeSignal) => requireHealthy({ port: ports.scheduler, path: '/readyz', pki, signal: probeSignal }),
      readyDeadlineMs: 60_000,
    },
    signal,
  );
}

function servingFlags(pki: ClusterPki, port: number): readonly string[] {
  return [
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${pki.servingCertFile}`,
    `--tls-private-key-file=${pki.servingKeyFile}`,
  ];
}

/**
 * Identifies as the administrator, and accepts only a server of this cluster. Uses `node:https`, because `fetch` has no option for
 * the certificate authority.
 */
function requireHealthy(target: {
  readonly port: number;
  readonly path: string;
  readonly pki: ClusterPki;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { port, path, pki, signal } = target;
  const [ca, cert, key] = [pki.caFile, pki.adminCertFile, pki.adminKeyFile].map((file) => readFileSync(file));
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, ca, cert, key, signal, agent: false }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${path} returned ${response.statusCode}`));
      });
    });
    call.once('error', reject);
    call.end();
  });
}

function base64(file: string): string {
  return readFileSync(file).toString('base64');
}

/** Writes the kubeconfig as JSON, which is valid YAML. */
function writeKubeconfig(path: string, pki: ClusterPki, port: number): void {
  const server = `https://127.0.0.1:${port}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: KUBE_CONTEXT, cluster: { server, 'certificate-authority-data': base64(pki.caFile) } }],
    users: [
      {
        name: KUBE_CONTEXT,
        user: { 'client-certificate-data': base64(pki.adminCertFile), 'client-key-data': base64(pki.adminKeyFile) },
      },
    ],
    contexts: [{ name: KUBE_CONTEXT, context: { cluster: KUBE_CONTEXT, user: KUBE_CONTEXT } }],
    'current-context': KUBE_CONTEXT,
  };
  writePrivateFile(path, `${JSON.stringify(config, undefined, 2)}\n`);
}
