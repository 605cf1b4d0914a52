import type { CoreV1Api } from '@kubernetes/client-node';
import { eventually } from '../eventually.ts';

const NAMESPACE = 'default';
const DEADLINE_MS = 120_000;

/**
 * Runs a script with Node in a pod of its own, and deletes the pod.
 *
 * @param image An image with Node that the machine has.
 * @returns The output of the script. @throws Error with its output if the script fails.
 */
export async function runInNodePod(
  core: CoreV1Api,
  {
    name,
    image,
    script,
    env,
  }: {
    readonly name: string;
    readonly image: string;
    readonly script: string;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const command = ['node', '-e', script];
  const container = { name: 'main', image, imagePullPolicy: 'Never', command, env: variables };
  const body = { metadata: { name }, spec: { restartPolicy: 'Never', containers: [container] } };
  await core.createNamespacedPod({ namespace: NAMESPACE, body });
  const phase = await eventually(
    async () => {
      const { status } = await core.readNamespacedPod({ namespace: NAMESPACE, name });
      return (status?.phase === 'Succeeded' || status?.phase === 'Failed') && status.phase;
    },
    { deadlineMs: DEADLINE_MS, intervalMs: 500 },
  );
  const output = await core.readNamespacedPodLog({ namespace: NAMESPACE, name });
  await core.deleteNamespacedPod({ namespace: NAMESPACE, name });
  if (phase === 'Failed') throw new Error(`the script in the pod ${name} failed: ${output}`);
  return output;
}
