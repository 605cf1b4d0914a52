import type { NodeProvider } from '../service.ts';

/** Simulated nodes: pods are scheduled there, become ready and Jobs complete, but no container runs. */
export const simulatedNodes: NodeProvider = {
  name: 'simulated',
  description: 'simulated: pods are scheduled and reported ready, but nothing runs in them and no store is served',
  tools: ['kwok'],
  ports: [],
  requireMachine: () => undefined, // any will do
  start: async (context, cluster) => {
    // With its Kubernetes client this takes seconds to load; who mistypes a command should not wait for it.
    const { startSimulatedNodes } = await import('./simulated-nodes.ts');
    return startSimulatedNodes(context, cluster);
  },
};
