import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireOk } from '../processes/require-ok.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { adminPath } from './host/host-command.ts';
import { NODE, type NodeLayout } from './node-layout.ts';

/** The default ports of kube-proxy, on the bridge address: no other process can use them there. */
const HEALTH = `${NODE.address}:10256`;
const METRICS = `${NODE.address}:10249`;

/**
 * Returns the process of kube-proxy, which translates Service addresses to pod addresses for pods and for this machine.
 */
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
    // Node ports listen only on the bridge address, which other machines can't reach.
    nodePortAddresses: [`${NODE.address}/32`],
    iptables: { localhostNodePorts: false, minSyncPeriod: '0s' },
    // Keep the connection tracking limits of the machine.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  await writeFile(configFile, JSON.stringify(configuration, undefined, 2));
  return {
    name: 'kube-proxy',
    command: input.command,
    args: ['--config', configFile],
    env: { PATH: adminPath() },
    ports: [],
    probe: (signal) => requireOk(`http://${HEALTH}/healthz`, signal),
    readyDeadlineMs: 60_000,
  };
}
