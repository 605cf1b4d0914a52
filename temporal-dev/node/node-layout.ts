import { join } from 'node:path';

/**
 * Names and addresses of the real node. All that it adds to the machine carries one of them, so that cleaning up can tell
 * what is ours. One machine runs one such node at a time.
 */
export const NODE = {
  name: 'node-1',
  bridge: 'storeplat0',
  /** Name of the pod network, for the network plugins. */
  network: 'store-platform',
  podRange: '10.244.0.0/24',
  /** The bridge's address: the node's own, and where its services listen. */
  address: '10.244.0.1',
  serviceRange: '10.96.0.0/16',
  /** Address of the cluster's name server as pods see it: a Service. */
  dnsAddress: '10.96.0.10',
  clusterDomain: 'cluster.local',
  cgroup: 'store-platform',
  /** Marks our firewall rules. */
  ruleComment: 'store-platform-node',
  /** Made here from busybox: holds a pod's network. */
  sandboxImage: 'localhost/store-platform/sandbox:1',
  storageClass: 'node-folder',
} as const;

/** Where the node keeps its files; all of them below the state folder. */
export interface NodeLayout {
  readonly home: string;
  /** What was found on the machine before it was changed. Its presence means: there is something to put back. */
  readonly hostRecord: string;
  readonly pki: string;
  readonly config: string;
  readonly containerdRoot: string;
  /** Worthless once no container runs. */
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly cniConfig: string;
  readonly kubelet: string;
  readonly podLogs: string;
  /** Data of the stores: one folder per volume. */
  readonly volumes: string;
}

export function nodeLayout(stateDir: string): NodeLayout {
  const home = join(stateDir, 'node');
  return {
    home,
    hostRecord: join(home, 'host.json'),
    pki: join(home, 'pki'),
    config: join(home, 'config'),
    containerdRoot: join(home, 'containerd'),
    containerdState: join(home, 'run'),
    containerdSocket: join(home, 'containerd.sock'),
    cniConfig: join(home, 'cni'),
    kubelet: join(home, 'kubelet'),
    podLogs: join(home, 'pod-logs'),
    volumes: join(home, 'volumes'),
  };
}
