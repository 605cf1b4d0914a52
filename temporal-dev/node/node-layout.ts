import { join } from 'node:path';

/**
 * Names and addresses of the real node. Everything that the node adds to the machine has one of them, so that the
 * cleanup can identify it. A machine runs one such node at a time.
 */
export const NODE = {
  name: 'node-1',
  bridge: 'storeplat0',
  /** Name of the pod network in the CNI configuration. */
  network: 'store-platform',
  podRange: '10.244.0.0/24',
  /** Address of the bridge: it is the node's IP, and the node's services listen on it. */
  address: '10.244.0.1',
  serviceRange: '10.96.0.0/16',
  /** Cluster IP of the Service of the name server. */
  dnsAddress: '10.96.0.10',
  clusterDomain: 'cluster.local',
  /** Pods reach the ingress at the names below this domain, because `localhost` is another machine for them. */
  podIngressDomain: 'stores.internal',
  cgroup: 'store-platform',
  /** Comment of the node's firewall rules. */
  ruleComment: 'store-platform-node',
  /** Image of the pod sandboxes. `buildSandboxImage` builds it from busybox. */
  sandboxImage: 'localhost/store-platform/sandbox:1',
  storageClass: 'node-folder',
} as const;

/** The paths of the node's files. All are below the state folder. */
export interface NodeLayout {
  readonly home: string;
  /** The state of the machine before the node changed it. When the file exists, the machine must be restored. */
  readonly hostRecord: string;
  readonly pki: string;
  readonly config: string;
  readonly containerdRoot: string;
  /** Not needed when no container runs. */
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly cniConfig: string;
  readonly kubelet: string;
  readonly podLogs: string;
  /** The data of the stores, with one folder per volume. */
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
