import type { NodeProvider } from '../service.ts';

/** Simulated nodes: pods are scheduled and become ready, and Jobs complete, but no container runs. */
export const simulatedNodes: NodeProvider = {
  name: 'simulated',
  description: 'simulated: pods are scheduled and reported ready, but no container runs and no store serves traffic',
  tools: ['kwok'],
  ports: [],
  requireMachine: () => undefined, // every machine can simulate nodes
  start: async (context, cluster) => {
    // The Kubernetes client takes seconds to load, so it is loaded on demand: `--help` and usage errors stay fast.
    const { startSimulatedNodes } = await import('./simulated-nodes.ts');
    return startSimulatedNodes(context, cluster);
  },
};
