import type { TemporalProvider } from '../service.ts';
import { portNeed } from '../processes/ports.ts';
import { clusterPortNeeds, requireNodeHosts, TEMPORAL_NODES } from './temporal-nodes.ts';

/** Temporal's development server: one process with its Web UI, on SQLite. */
export const devServer: TemporalProvider = {
  name: 'dev',
  tools: ['temporal'],
  nodes: [],
  needsPostgres: false,
  portNeeds: (ports) =>
    (['temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics'] as const).map((name) => portNeed(ports, name)),
  requireMachine: () => Promise.resolve(), // every machine can run it
  // The Temporal client takes seconds to load, so it is loaded on demand and while other services start.
  start: async (context, options) => {
    const { startTemporal } = await import('./temporal.ts');
    return startTemporal(context, options);
  },
};

/** The real Temporal server: two nodes on the Postgres of the stack, one address in front of them, and the Web UI. */
export const temporalCluster: TemporalProvider = {
  name: 'cluster',
  tools: ['temporal-server', 'temporal-sql-tool', 'temporal-ui-server'],
  nodes: TEMPORAL_NODES,
  needsPostgres: true,
  portNeeds: clusterPortNeeds,
  requireMachine: () => requireNodeHosts(),
  start: async (context, options) => {
    const { startTemporalCluster } = await import('./temporal-cluster.ts');
    return startTemporalCluster(context, options);
  },
};
