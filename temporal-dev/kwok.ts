import { CoreV1Api, type V1Node } from '@kubernetes/client-node';
import { createUnlessThere } from './cluster-objects.ts';
import { localKubeConfig } from './kubernetes.ts';
import { plainEnvironment, type ServiceContext } from './service.ts';

/** Marks a node as simulated, for kwok and for whoever shows what runs there. */
const SIMULATED = { key: 'kwok.x-k8s.io/node', value: 'fake' } as const;
const NODE_NAME = 'simulated-1';

/**
 * Starts simulated nodes: pods are scheduled there, become ready and Jobs complete, but no container runs.
 * Nodes without the mark are left alone, so real ones can live beside them.
 */
export async function startSimulatedNodes(context: ServiceContext, kubeconfig: string): Promise<void> {
  const { supervisor, toolPath, signal } = context;
  const core = localKubeConfig(kubeconfig).makeApiClient(CoreV1Api);
  await createUnlessThere(() => core.createNode({ body: simulatedNode() }));
  await supervisor.start(
    {
      name: 'kwok',
      command: toolPath('kwok'),
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--manage-nodes-with-annotation-selector=${SIMULATED.key}=${SIMULATED.value}`,
        '--node-lease-duration-seconds=40',
      ],
      env: plainEnvironment(),
      probe: () => requireReadyNode(core),
      readyDeadlineMs: 60_000,
    },
    signal,
  );
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
