import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CoreV1Api } from '@kubernetes/client-node';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { adminPath } from './host/host-command.ts';
import { NODE, type NodeLayout } from './node-layout.ts';

const KUBELET_PORT = 10_250;

export interface KubeletInput {
  readonly layout: NodeLayout;
  readonly command: string;
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly servingCertFile: string;
  readonly servingKeyFile: string;
  readonly core: CoreV1Api;
}

/** Returns the process of the kubelet. It has its own user and listens only on the bridge address. */
export async function kubeletSpec(input: KubeletInput): Promise<ProcessSpec> {
  const { layout, command } = input;
  const configFile = join(layout.config, 'kubelet.json');
  const resolvConf = join(layout.config, 'resolv.conf');
  await mkdir(layout.podLogs, { recursive: true });
  // Pods must not inherit the search domains of the machine's resolv.conf, which may also name a loopback address.
  await writeFile(resolvConf, `nameserver ${NODE.address}\n`);
  await writeFile(configFile, JSON.stringify(kubeletConfiguration(input, resolvConf), undefined, 2));
  const startedAt = Date.now();
  return {
    name: 'kubelet',
    command,
    args: [
      `--config=${configFile}`,
      `--kubeconfig=${input.kubeconfig}`,
      `--root-dir=${layout.kubelet}`,
      `--cert-dir=${join(layout.kubelet, 'pki')}`,
      `--hostname-override=${NODE.name}`,
      `--node-ip=${NODE.address}`,
    ],
    env: { PATH: adminPath() },
    ports: [],
    probe: () => requireReadyNode(input.core, startedAt),
    readyDeadlineMs: 120_000,
  };
}

function kubeletConfiguration(input: KubeletInput, resolvConf: string): object {
  const { layout } = input;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE.address,
    port: KUBELET_PORT,
    readOnlyPort: 0,
    healthzPort: 0, // the Ready condition of the Node says more and needs no port
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: input.caFile },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: input.servingCertFile,
    tlsPrivateKeyFile: input.servingKeyFile,
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${NODE.cgroup}`,
    enforceNodeAllocatable: ['pods'],
    failCgroupV1: false, // many machines still use cgroup v1
    failSwapOn: false,
    localStorageCapacityIsolation: false, // needs the root file system, which containers and small machines hide
    makeIPTablesUtilChains: false, // the kubelet does not remove these chains, and kube-proxy has its own
    clusterDNS: [NODE.dnsAddress],
    clusterDomain: NODE.clusterDomain,
    resolvConf,
    podLogsDir: layout.podLogs,
    volumePluginDir: join(layout.kubelet, 'plugins'),
    // An imported image can't be pulled again, so image garbage collection is off.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    serializeImagePulls: false,
  };
}

async function requireReadyNode(core: CoreV1Api, startedAt: number): Promise<void> {
  const node = await core.readNode({ name: NODE.name });
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  // After a restart the Node still has the condition of the previous run. The API rounds times to seconds.
  const heartbeatAt = ready?.lastHeartbeatTime?.getTime() ?? 0;
  if (ready?.status !== 'True' || heartbeatAt < startedAt - 1_000) {
    throw new Error(
      `node ${NODE.name} is not ready: ${ready?.message ?? 'the kubelet has not reported its status yet'}`,
    );
  }
}
