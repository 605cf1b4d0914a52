import { CoreV1Api, StorageV1Api, type KubeConfig, type V1Node } from '@kubernetes/client-node';
import { createUnlessThere, localKubeConfig } from './cluster-objects.ts';
import { rememberHostPaths } from './host-path-volumes.ts';
import { plainEnvironment, type LocalCluster, type ServiceContext, type ServiceEnv } from '../service.ts';

/** Marks a node as simulated, for kwok and for whoever shows what runs there. */
const SIMULATED = { key: 'kwok.x-k8s.io/node', value: 'fake' } as const;
const NODE_NAME = 'simulated-1';

/** Starts the nodes and waits until one is ready. */
export async function startSimulatedNodes(context: ServiceContext, { kubeconfig }: LocalCluster): Promise<ServiceEnv> {
  const { supervisor, folder, toolPath, signal } = context;
  const cluster = localKubeConfig(kubeconfig);
  supervisor.onStop(() => rememberVolumes(folder.path, cluster));
  await ensureStorageClass(cluster);
  const core = cluster.makeApiClient(CoreV1Api);
  await createUnlessThere(() => core.createNode({ body: simulatedNode() }));
  await supervisor.start(
    {
      name: 'kwok',
      command: toolPath('kwok'),
      args: [
        `--kubeconfig=${kubeconfig}`,
        // Nodes without the mark are left alone: they are real.
        `--manage-nodes-with-annotation-selector=${SIMULATED.key}=${SIMULATED.value}`,
        '--node-lease-duration-seconds=40',
      ],
      env: plainEnvironment(),
      probe: () => requireReadyNode(core),
      readyDeadlineMs: 60_000,
    },
    signal,
  );
  return {};
}

function simulatedNode(): V1Node {
  // Room for thousands of stores: what limits them are quotas, as on a cluster that can grow.
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
  // After a restart the node still carries the condition of the run before.
  if (ready?.status !== 'True' || heartbeatAgeMs > 60_000) throw new Error(`node ${NODE_NAME} is not ready`);
  const taints = node.spec?.taints ?? [];
  if (taints.length > 0) throw new Error(`node ${NODE_NAME} is still tainted`);
}

/** The controller-manager's own provisioner, made for development: claims are bound at once, with no node. */
async function ensureStorageClass(cluster: KubeConfig): Promise<void> {
  const storage = cluster.makeApiClient(StorageV1Api);
  await createUnlessThere(() =>
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

async function rememberVolumes(stateDir: string, cluster: KubeConfig): Promise<void> {
  try {
    const volumes = await cluster.makeApiClient(CoreV1Api).listPersistentVolume();
    const paths = volumes.items.map((volume) => volume.spec?.hostPath?.path);
    rememberHostPaths(
      stateDir,
      paths.filter((path) => path !== undefined),
    );
  } catch {
    // The API server is gone already. A few empty folders below /tmp are not worth a failed stop.
  }
}
