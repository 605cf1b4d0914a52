import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { adminPath } from './host/host-command.ts';
import { NODE, type NodeLayout } from './node-layout.ts';

/** Its usual ports, on the bridge's address: nobody else can hold them. */
const HEALTH = `${NODE.address}:10256`;
const METRICS = `${NODE.address}:10249`;

/** kube-proxy: turns the addresses of Services into those of pods, for pods and for this machine. */
export async function kubeProxySpec(input: {
  readonly layout: NodeLayout;
  readonly command: string;
  readonly kubeconfig: string;
}): Promise<ProcessSpec> {
  const configFile = join(input.layout.config, 'kube-proxy.json');
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: input.kubeconfig },
    clusterCIDR: NODE.podRange,
    hostnameOverride: NODE.name,
    bindAddress: NODE.address,
    healthzBindAddress: HEALTH,
    metricsBindAddress: METRICS,
    // Node ports answer on the bridge's address only, never on one that other machines reach.
    nodePortAddresses: [`${NODE.address}/32`],
    iptables: { localhostNodePorts: false, minSyncPeriod: '0s' },
    // The machine's own limits of connection tracking stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  await writeFile(configFile, JSON.stringify(configuration, undefined, 2));
  return {
    name: 'kube-proxy',
    command: input.command,
    args: ['--config', configFile],
    env: { PATH: adminPath() },
    probe: async (signal) => {
      const response = await fetch(`http://${HEALTH}/healthz`, { signal });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`/healthz answers ${response.status}`);
    },
    readyDeadlineMs: 60_000,
  };
}
