import { createServer } from 'node:net';
import { portNeed, type PortName, type PortNeed, type Ports } from '../processes/ports.ts';
import { messageOf, StackError } from '../stack-error.ts';

/** A server of a Temporal cluster. */
export interface TemporalNode {
  /** Name of its process. */
  readonly name: string;
  readonly host: string;
}

/**
 * The nodes of the Temporal cluster. They find each other by address only and expect the same ports everywhere, so each has
 * a loopback address of its own, as if it were a host.
 */
export const TEMPORAL_NODES: readonly TemporalNode[] = [
  { name: 'temporal-1', host: '127.0.0.2' },
  { name: 'temporal-2', host: '127.0.0.3' },
];

/** Ports on which every node listens. */
const NODE_PORTS: readonly PortName[] = [
  'temporal',
  'temporalHttp',
  'temporalMetrics',
  'temporalHistory',
  'temporalMatching',
  'temporalWorker',
  'temporalMembership',
  'temporalHistoryMembership',
  'temporalMatchingMembership',
  'temporalWorkerMembership',
];

/** Returns the ports of the cluster: those of the nodes, of the address in front of them and of the Web UI. */
export function clusterPortNeeds(ports: Ports): readonly PortNeed[] {
  return [
    portNeed(ports, 'temporal'),
    portNeed(ports, 'temporalUi'),
    ...TEMPORAL_NODES.flatMap(({ host }) => NODE_PORTS.map((name) => ({ ...portNeed(ports, name), host }))),
  ];
}

/** @throws StackError when this machine lacks a loopback address of a node. Linux has them all, macOS only 127.0.0.1. */
export async function requireNodeHosts(nodes: readonly TemporalNode[] = TEMPORAL_NODES): Promise<void> {
  for (const { host } of nodes) {
    const problem = await listenProblem(host);
    if (problem !== undefined) {
      throw new StackError(
        `The nodes of "--temporal cluster" need the address ${host}, on which this machine can't listen (${problem}): ` +
          `on macOS, run "sudo ifconfig lo0 alias ${host} up", or start with "--temporal dev".`,
      );
    }
  }
}

function listenProblem(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(messageOf(error)));
    server.listen({ port: 0, host }, () => server.close(() => resolve(undefined)));
  });
}
