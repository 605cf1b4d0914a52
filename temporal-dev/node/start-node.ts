import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { ensureCertificate, type ClusterPki } from '../services/kubernetes-pki.ts';
import { localKubeConfig } from '../services/cluster-objects.ts';
import { type LocalCluster, type NodeProvider, type ServiceContext, type ServiceEnv } from '../service.ts';
import { StackError } from '../stack-error.ts';
import { portNeed } from '../processes/ports.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { createBridge } from './host/bridge.ts';
import { ensureNodeCgroup } from './host/cgroups.ts';
import { cleanHost, requireNoOtherNode } from './host/clean-host.ts';
import { ensureNodeObjects, NODE_USERS } from './cluster-objects.ts';
import { containerdSpec, importImage } from './containerd.ts';
import { addFirewallRules, hasKubeProxyRules } from './host/firewall.ts';
import { INGRESS_DOMAIN, ingressCaFile, ingressSpec } from './ingress.ts';
import { runHostCommand } from './host/host-command.ts';
import { enableForwarding, recordHost } from './host/host-record.ts';
import { kubeProxySpec } from './kube-proxy.ts';
import { kubeletSpec } from './kubelet.ts';
import { nameServerSpec } from './name-server.ts';
import { NODE, nodeLayout, type NodeLayout } from './node-layout.ts';
import { findHostPrograms, type HostPrograms, requireNodeMachine } from './host/requirements.ts';
import { openPodGateway, POD_PORTS } from './pod-gateway.ts';
import { buildSandboxImage } from './sandbox-image.ts';
import { provideStoreImages } from './store-images.ts';
import { startVolumeProvisioner } from './volumes.ts';
import { stopContainers } from './workloads.ts';
import { writePrivateFile } from '../files.ts';

/**
 * Returns the provider that makes this machine a node: containerd, kubelet, kube-proxy, CoreDNS, a volume provisioner
 * and an ingress. Needs Linux and root. The pod network does not enforce network policies, although the API server
 * accepts them.
 */
export function realNode(options: RealNodeOptions): NodeProvider {
  return {
    name: 'node',
    description:
      'real: pods run on this machine and stores serve traffic; network policies are accepted but not enforced',
    tools: ['kubelet', 'kube-proxy', 'coredns', 'caddy'],
    ports: ['ingress'],
    requireMachine: requireNodeMachine,
    start: (context, cluster) => startNode(context, cluster, options),
  };
}

interface RealNodeOptions {
  /** Output folder of `npm run images`. Undefined: the node gets no store images. */
  readonly imagesFolder: string | undefined;
  /**
   * True: pods reach the API server, Postgres, Temporal, the receiver of traces and the ingress of the stack, so that the platform can
   * run in pods.
   * Default: they reach nothing on this machine.
   */
  readonly platformInPods?: boolean;
  /** True: the ingress serves the stores over https, with certificates of its own authority. Default: over http. */
  readonly https?: boolean;
}

/** The inputs of the start steps. */
interface NodeContext {
  readonly layout: NodeLayout;
  readonly programs: HostPrograms;
  readonly pki: ClusterPki;
  readonly config: KubeConfig;
  readonly toolPath: ServiceContext['toolPath'];
}

/**
 * Starts the node. When the supervisor stops, it stops all pods and restores the machine. Images, volumes and cluster
 * objects stay, so that the pods run again after the next start.
 */
async function startNode(
  context: ServiceContext,
  { kubeconfig, pki }: LocalCluster,
  { imagesFolder, platformInPods = false, https = false }: RealNodeOptions,
): Promise<ServiceEnv> {
  const { supervisor, signal, toolPath, ports, report } = context;
  const forPods = platformInPods ? { ...POD_PORTS, ingress: ports.ingress } : undefined;
  const stateDir = realpathSync(context.folder.path);
  const layout = nodeLayout(stateDir);
  const programs = findHostPrograms();
  await requireNoOtherKubeProxy(layout);

  supervisor.onStop(() => cleanHost(stateDir));
  await prepareHost(layout, Object.values(forPods ?? {}));
  await supervisor.start(await containerdSpec(layout, programs), signal);
  supervisor.onStop(() => stopContainers(layout));
  const sandbox = await buildSandboxImage({ busybox: programs.busybox, directory: layout.config });
  await importImage({ stateDir, archive: sandbox });

  const config = localKubeConfig(kubeconfig);
  const node = { layout, programs, pki, config, toolPath };
  await ensureNodeObjects(config, { apiServerPort: forPods?.kubernetes });
  if (forPods !== undefined) {
    const gateway = await openPodGateway(
      [
        { port: forPods.kubernetes, target: ports.kubernetes },
        { port: forPods.postgres, target: ports.postgres },
        { port: forPods.temporal, target: ports.temporal },
        { port: forPods.traces, target: ports.otlp },
      ],
      NODE.address,
    );
    supervisor.onStop(() => gateway.close());
  }
  const volumes = await startVolumeProvisioner({
    kubeconfig: await writeKubeconfig(node, 'volumes'),
    folder: layout.volumes,
    report,
  });
  supervisor.onStop(() => volumes.stop());
  for (const spec of await clusterSpecs(node)) await supervisor.start(spec, signal);
  await supervisor.start(
    await ingressSpec({
      layout,
      command: toolPath('caddy'),
      port: ports.ingress,
      need: portNeed(ports, 'ingress'),
      https,
      forPods: platformInPods,
    }),
    signal,
  );
  const env = {
    STORE_DOMAIN: INGRESS_DOMAIN,
    STORE_PORT: String(ports.ingress),
    ...(https ? { STORE_SCHEME: 'https', STORE_CA_FILE: ingressCaFile(layout) } : {}),
    CLUSTER_DNS_NETWORKS: `${NODE.address}/32`, // CoreDNS is a process of this machine, not a pod
  };
  if (imagesFolder === undefined) return env;
  return { ...env, STORE_VALUES_FILE: await provideStoreImages({ stateDir, imagesFolder, report }) };
}

/** Two kube-proxies on one machine delete each other's rules. */
async function requireNoOtherKubeProxy(layout: NodeLayout): Promise<void> {
  await requireNoOtherNode(layout);
  if (await hasKubeProxyRules()) {
    throw new StackError(
      'This machine has the firewall rules of another kube-proxy (see "iptables-save | grep KUBE-"), so the real node can\'t ' +
        'start: set KUBE_CONTEXT to use the cluster of that kube-proxy, or use simulated nodes.',
    );
  }
}

/** Records the state of the machine before the first change, so that `cleanHost` can restore it. */
async function prepareHost(layout: NodeLayout, podPorts: readonly number[]): Promise<void> {
  for (const folder of [layout.config, layout.pki]) await mkdir(folder, { recursive: true });
  // Service rules must also apply to packets between pods of the bridge. Some kernels have this module built in.
  if (!existsSync('/proc/sys/net/bridge')) await runHostCommand('modprobe', ['br_netfilter']).catch(() => undefined);
  recordHost(layout);
  await createBridge(layout);
  enableForwarding();
  await addFirewallRules(podPorts);
  ensureNodeCgroup();
}

/** Returns the processes that use the Kubernetes API, each with its own user. */
async function clusterSpecs(context: NodeContext): Promise<readonly ProcessSpec[]> {
  const { layout, config, pki, toolPath } = context;
  const [servingCertFile, servingKeyFile] = [join(layout.pki, 'serving.crt'), join(layout.pki, 'serving.key')] as const;
  await ensureCertificate(pki, [servingCertFile, servingKeyFile], {
    subject: NODE_USERS.kubelet.subject,
    role: 'server',
    names: [
      { type: 'ip', value: NODE.address },
      { type: 'dns', value: NODE.name },
    ],
  });
  return [
    await kubeletSpec({
      layout,
      command: toolPath('kubelet'),
      kubeconfig: await writeKubeconfig(context, 'kubelet'),
      caFile: pki.caFile,
      servingCertFile,
      servingKeyFile,
      core: config.makeApiClient(CoreV1Api),
    }),
    await kubeProxySpec({
      layout,
      command: toolPath('kube-proxy'),
      kubeconfig: await writeKubeconfig(context, 'kubeProxy'),
    }),
    await nameServerSpec({
      layout,
      command: toolPath('coredns'),
      kubeconfig: await writeKubeconfig(context, 'nameServer'),
      context: config.getCurrentContext(),
    }),
  ];
}

/** Gives a program its own user, which has only the permissions that it needs. Returns the path of its kubeconfig. */
async function writeKubeconfig({ layout, pki, config }: NodeContext, user: keyof typeof NODE_USERS): Promise<string> {
  const files = [join(layout.pki, `${user}.crt`), join(layout.pki, `${user}.key`)] as const;
  await ensureCertificate(pki, files, { subject: NODE_USERS[user].subject, role: 'client' });
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig of the control plane names no cluster');
  const name = config.getCurrentContext();
  const userConfig = new KubeConfig();
  userConfig.loadFromOptions({
    clusters: [{ ...cluster, name }],
    users: [{ name, certFile: files[0], keyFile: files[1] }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
  const path = join(layout.pki, `${user}.kubeconfig`);
  writePrivateFile(path, userConfig.exportConfig());
  return path;
}
