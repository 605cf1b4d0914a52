import { CoreV1Api, StorageV1Api, type KubeConfig, type V1Node } from '@kubernetes/client-node';
import { createIfAbsent, localKubeConfig } from './cluster-objects.ts';
import { recordHostPaths } from './host-path-volumes.ts';
import { minimalEnvironment, type LocalCluster, type ServiceContext, type ServiceEnv } from '../service.ts';

/** The annotation of a simulated node. kwok manages the nodes that have it. */
const SIMULATED = { key: 'kwok.x-k8s.io/node', value: 'fake' } as const;
const NODE_NAME = 'simulated-1';

/** Starts kwok with one simulated node and waits until the node is ready. */
export async function startSimulatedNodes(context: ServiceContext, { kubeconfig }: LocalCluster): Promise<ServiceEnv> {
  const { supervisor, folder, toolPath, signal } = context;
  const cluster = localKubeConfig(kubeconfig);
  supervisor.onStop(() => recordVolumePaths(folder.path, cluster));
  await ensureStorageClass(cluster);
  const core = cluster.makeApiClient(CoreV1Api);
  await createIfAbsent(() => core.createNode({ body: simulatedNode() }));
  await supervisor.start(
    {
      name: 'kwok',
      command: toolPath('kwok'),
      args: [
        `--kubeconfig=${kubeconfig}`,
        // kwok ignores nodes without the annotation: they are real.
        `--manage-nodes-with-annotation-selector=${SIMULATED.key}=${SIMULATED.value}`,
        '--node-lease-duration-seconds=40',
      ],
      env: minimalEnvironment(),
      ports: [],
      probe: () => requireReadyNode(core),
      readyDeadlineMs: 60_000,
    },
    signal,
  );
  return {};
}

function simulatedNode(): V1Node {
  // Capacity for thousands of stores: quotas limit them, as on a cluster with an autoscaler.
  const capacity = { cpu: '10k', memory: '100Ti', pods: '100k', 'ephemeral-storage': '1Pi' };
  return {
    metadata: {
      name: NODE_NAME,
      annotations: { [SIMULATED.key]: SIMULATED.value, 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'kubernetes.io/hostname': NODE_NAME,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': process.arch === 'arm64' ? 'arm64' : 'amd64',
        type: 'kwok',
      },
    },
    status: { capacity, allocatable: capacity },
  };
}

async function requireReadyNode(core: CoreV1Api): Promise<void> {
  const node = await core.readNode({ name: NODE_NAME });
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const heartbeatAgeMs = Date.now() - (ready?.lastHeartbeatTime?.getTime() ?? 0);
  // After a restart the Node still has the condition of the previous run.
  if (ready?.status !== 'True' || heartbeatAgeMs > 60_000) throw new Error(`node ${NODE_NAME} is not ready`);
  const taints = node.spec?.taints ?? [];
  if (taints.length > 0) throw new Error(`node ${NODE_NAME} still has taints`);
}

/**
 * Uses the host-path provisioner of kube-controller-manager. It is made for development and binds claims without a
 * node.
 */
async function ensureStorageClass(cluster: KubeConfig): Promise<void> {
  const storage = cluster.makeApiClient(StorageV1Api);
  await createIfAbsent(() =>
    storage.createStorageClass({
      body: {
        metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'kubernetes.io/host-path',
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'Immediate',
      },
    }),
  );
}

async function recordVolumePaths(stateDir: string, cluster: KubeConfig): Promise<void> {
  try {
    const volumes = await cluster.makeApiClient(CoreV1Api).listPersistentVolume();
    const paths = volumes.items.map((volume) => volume.spec?.hostPath?.path);
    recordHostPaths(
      stateDir,
      paths.filter((path) => path !== undefined),
    );
  } catch {
    // The API server has already exited. A few empty folders below /tmp must not make the stop fail.
  }
}
