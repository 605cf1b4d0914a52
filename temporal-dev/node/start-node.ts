import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { ensureCertificate, type ClusterPki } from '../services/kubernetes-pki.ts';
import { localKubeConfig } from '../services/cluster-objects.ts';
import { type LocalCluster, type NodeProvider, type ServiceContext, type ServiceEnv } from '../service.ts';
import { StackError } from '../stack-error.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { createBridge } from './host/bridge.ts';
import { ensureNodeCgroup } from './host/cgroups.ts';
import { cleanHost, requireNoOtherNode } from './host/clean-host.ts';
import { ensureNodeObjects, NODE_USERS } from './cluster-objects.ts';
import { containerdSpec, importImage } from './containerd.ts';
import { addFirewallRules, hasKubeProxyRules } from './host/firewall.ts';
import { INGRESS_DOMAIN, ingressSpec } from './ingress.ts';
import { runHostCommand } from './host/host-command.ts';
import { enableForwarding, recordHost } from './host/host-record.ts';
import { kubeProxySpec } from './kube-proxy.ts';
import { kubeletSpec } from './kubelet.ts';
import { nameServerSpec } from './name-server.ts';
import { NODE, nodeLayout, type NodeLayout } from './node-layout.ts';
import { findHostPrograms, type HostPrograms, requireNodeMachine } from './host/requirements.ts';
import { buildSandboxImage } from './sandbox-image.ts';
import { provideStoreImages } from './store-images.ts';
import { startVolumeProvisioner } from './volumes.ts';
import { stopContainers } from './workloads.ts';
import { writePrivateFile } from '../files.ts';

/**
 * This machine as a node that runs pods: containerd, kubelet, kube-proxy, name server, volumes and a front door. Linux and
 * root only. Its network does not enforce network policies, which the real API server takes all the same.
 */
export function realNode(options: RealNodeOptions): NodeProvider {
  return {
    name: 'node',
    description:
      'real: pods run on this machine, and stores are served; network policies are accepted but not enforced',
    tools: ['kubelet', 'kube-proxy', 'coredns', 'caddy'],
    ports: ['ingress'],
    requireMachine: requireNodeMachine,
    start: (context, cluster) => startNode(context, cluster, options),
  };
}

interface RealNodeOptions {
  /** Folder that `npm run images` fills; undefined: the node gets no images of stores. */
  readonly imagesFolder: string | undefined;
}

/** What every step of the start works with. */
interface NodeContext {
  readonly layout: NodeLayout;
  readonly programs: HostPrograms;
  readonly pki: ClusterPki;
  readonly config: KubeConfig;
  readonly toolPath: ServiceContext['toolPath'];
}

/**
 * Starts the node. Its stop, as part of the supervisor's, ends all pods and puts the machine back as it was; images, volumes
 * and the cluster's records stay, so that the next start brings the pods back.
 */
async function startNode(
  context: ServiceContext,
  { kubeconfig, pki }: LocalCluster,
  { imagesFolder }: RealNodeOptions,
): Promise<ServiceEnv> {
  const { supervisor, signal, toolPath, ports, report } = context;
  const stateDir = realpathSync(context.folder.path);
  const layout = nodeLayout(stateDir);
  const programs = findHostPrograms();
  await requireFreeMachine(layout);

  supervisor.onStop(() => cleanHost(stateDir));
  await prepareHost(layout);
  await supervisor.start(await containerdSpec(layout, programs), signal);
  supervisor.onStop(() => stopContainers(layout));
  const sandbox = await buildSandboxImage({ busybox: programs.busybox, directory: layout.config });
  await importImage({ stateDir, archive: sandbox });

  const config = localKubeConfig(kubeconfig);
  const node = { layout, programs, pki, config, toolPath };
  await ensureNodeObjects(config);
  const volumes = await startVolumeProvisioner({
    kubeconfig: await writeKubeconfig(node, 'volumes'),
    folder: layout.volumes,
    report,
  });
  supervisor.onStop(() => volumes.stop());
  for (const spec of await clusterSpecs(node)) await supervisor.start(spec, signal);
  await supervisor.start(await ingressSpec({ layout, command: toolPath('caddy'), port: ports.ingress }), signal);
  const env = { STORE_DOMAIN: INGRESS_DOMAIN, STORE_PORT: String(ports.ingress) };
  if (imagesFolder === undefined) return env;
  return { ...env, STORE_VALUES_FILE: await provideStoreImages({ stateDir, imagesFolder, report }) };
}

/** Two kube-proxies on one machine take away each other's rules. */
async function requireFreeMachine(layout: NodeLayout): Promise<void> {
  await requireNoOtherNode(layout);
  if (await hasKubeProxyRules()) {
    throw new StackError(
      'This machine has the rules of another kube-proxy (see "iptables-save | grep KUBE-"), so it can\'t be a node of ours: ' +
        'name its cluster with KUBE_CONTEXT, or use simulated nodes.',
    );
  }
}

/** From the record on, the machine is changed, and `cleanHost` has something to do. */
async function prepareHost(layout: NodeLayout): Promise<void> {
  for (const folder of [layout.config, layout.pki]) await mkdir(folder, { recursive: true });
  // Packets between pods of one bridge must meet the rules of Services, too; some kernels have this built in.
  if (!existsSync('/proc/sys/net/bridge')) await runHostCommand('modprobe', ['br_netfilter']).catch(() => undefined);
  recordHost(layout);
  await createBridge(layout);
  enableForwarding();
  await addFirewallRules();
  ensureNodeCgroup();
}

/** The programs that act in the cluster, each under its own name. */
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

/** Every program has an identity of its own, with no more rights than it needs. @returns path of its kubeconfig. */
async function writeKubeconfig({ layout, pki, config }: NodeContext, user: keyof typeof NODE_USERS): Promise<string> {
  const files = [join(layout.pki, `${user}.crt`), join(layout.pki, `${user}.key`)] as const;
  await ensureCertificate(pki, files, { subject: NODE_USERS[user].subject, role: 'client' });
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig of the control plane names no cluster');
  const name = config.getCurrentContext();
  const own = new KubeConfig();
  own.loadFromOptions({
    clusters: [{ ...cluster, name }],
    users: [{ name, certFile: files[0], keyFile: files[1] }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
  const path = join(layout.pki, `${user}.kubeconfig`);
  writePrivateFile(path, own.exportConfig());
  return path;
}
