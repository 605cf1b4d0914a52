import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import getPort, { clearLockedPorts } from 'get-port';
import { StackError, systemCode } from '../stack-error.ts';
import { type Listener, listenerOn } from './listeners.ts';

/**
 * The fixed ports of a local stack and the variables that change them. All are below the ranges that Linux and macOS
 * use for outgoing connections, and most differ from the default ports of the same programs.
 */
const PORTS = {
  postgres: { variable: 'STACK_POSTGRES_PORT', fixed: 25_432, purpose: 'Postgres' },
  temporal: { variable: 'STACK_TEMPORAL_PORT', fixed: 7_233, purpose: 'Temporal' },
  temporalUi: { variable: 'STACK_TEMPORAL_UI_PORT', fixed: 8_233, purpose: 'the Temporal Web UI' },
  temporalHttp: { variable: 'STACK_TEMPORAL_HTTP_PORT', fixed: 27_243, purpose: 'the Temporal HTTP API' },
  temporalMetrics: { variable: 'STACK_TEMPORAL_METRICS_PORT', fixed: 27_244, purpose: 'the Temporal metrics' },
  temporalHistory: { variable: 'STACK_TEMPORAL_HISTORY_PORT', fixed: 27_234, purpose: "Temporal's history service" },
  temporalMatching: { variable: 'STACK_TEMPORAL_MATCHING_PORT', fixed: 27_235, purpose: "Temporal's matching service" },
  temporalWorker: { variable: 'STACK_TEMPORAL_WORKER_PORT', fixed: 27_239, purpose: "Temporal's worker service" },
  temporalMembership: {
    variable: 'STACK_TEMPORAL_MEMBERSHIP_PORT',
    fixed: 26_933,
    purpose: "the membership of Temporal's frontend",
  },
  temporalHistoryMembership: {
    variable: 'STACK_TEMPORAL_HISTORY_MEMBERSHIP_PORT',
    fixed: 26_934,
    purpose: "the membership of Temporal's history service",
  },
  temporalMatchingMembership: {
    variable: 'STACK_TEMPORAL_MATCHING_MEMBERSHIP_PORT',
    fixed: 26_935,
    purpose: "the membership of Temporal's matching service",
  },
  temporalWorkerMembership: {
    variable: 'STACK_TEMPORAL_WORKER_MEMBERSHIP_PORT',
    fixed: 26_939,
    purpose: "the membership of Temporal's worker service",
  },
  kubernetes: { variable: 'STACK_KUBERNETES_PORT', fixed: 26_443, purpose: 'the Kubernetes API' },
  etcd: { variable: 'STACK_ETCD_PORT', fixed: 22_379, purpose: 'etcd' },
  etcdPeer: { variable: 'STACK_ETCD_PEER_PORT', fixed: 22_380, purpose: 'the etcd peers' },
  controllerManager: { variable: 'STACK_CONTROLLER_MANAGER_PORT', fixed: 26_257, purpose: 'kube-controller-manager' },
  scheduler: { variable: 'STACK_SCHEDULER_PORT', fixed: 26_259, purpose: 'kube-scheduler' },
  zipkin: { variable: 'STACK_ZIPKIN_PORT', fixed: 9_411, purpose: 'Zipkin' },
  otlp: { variable: 'STACK_OTLP_PORT', fixed: 24_318, purpose: 'the receiver of traces' },
  prometheus: { variable: 'STACK_PROMETHEUS_PORT', fixed: 29_090, purpose: 'Prometheus' },
  victoriaMetrics: {
    variable: 'STACK_VICTORIA_METRICS_PORT',
    fixed: 28_428,
    purpose: 'the dashboards of VictoriaMetrics',
  },
  ingress: { variable: 'STORE_PORT', fixed: 8_480, purpose: 'the ingress of the stores' },
} as const;

export type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

const PORT_NAMES = Object.keys(PORTS) as readonly PortName[];

/**
 * Returns the fixed ports, with the changes that the environment makes.
 *
 * @throws StackError that names every invalid variable.
 */
export function fixedPorts(env: Readonly<Record<string, string | undefined>>): Ports {
  const problems: string[] = [];
  const ports: Record<string, number> = {};
  for (const name of PORT_NAMES) {
    const { variable, fixed } = PORTS[name];
    const value = env[variable];
    const port = value === undefined || value === '' ? fixed : Number(value);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) problems.push(`${variable}=${value}`);
    ports[name] = port;
  }
  if (problems.length > 0) {
    throw new StackError(
      `Invalid port: ${problems.join(', ')}. Set each variable to a number from 1 to 65535, or unset it.`,
    );
  }
  return ports as Ports;
}

/** Returns the variables that change the ports, for `--help`. */
export function describePorts(): readonly { readonly name: string; readonly description: string }[] {
  return PORT_NAMES.map((name) => ({
    name: PORTS[name].variable,
    description: `Port for ${PORTS[name].purpose} in the local stack (default ${PORTS[name].fixed})`,
  }));
}

/** Contains no fixed port, and is below the ports of outgoing connections. */
const FREE_RANGE = { lowest: 10_000, highest: 21_999 } as const;
const FREE_TRIES = 100;

/** The address on which most services of the stack listen. */
const LOOPBACK = '127.0.0.1';

/**
 * Returns ports that are free now, on 127.0.0.1 and on the other loopback addresses in `hosts`. The system never uses them for an
 * outgoing connection: otherwise a service could lose its port while it restarts.
 */
export async function freePorts(hosts: readonly string[] = []): Promise<Ports> {
  const ports: Record<string, number> = {};
  for (const name of PORT_NAMES) ports[name] = await lockFreePort(hosts);
  clearLockedPorts();
  return ports as Ports;
}

/** Returns one such port, and keeps no lock on it. */
export async function freePort(): Promise<number> {
  const port = await lockFreePort([]);
  clearLockedPorts();
  return port;
}

/** Returns a port that no other call returns until the locks are cleared. */
async function lockFreePort(hosts: readonly string[]): Promise<number> {
  for (;;) {
    const port = await getPort({ host: LOOPBACK, port: randomPorts() });
    const others = await Promise.all(hosts.map((host) => isFree(port, host)));
    if (others.every(Boolean)) return port;
  }
}

/** Random, so that stacks that start at the same time pick different ports. */
function randomPorts(): readonly number[] {
  return Array.from({ length: FREE_TRIES }, () => randomInt(FREE_RANGE.lowest, FREE_RANGE.highest + 1));
}

export interface PortNeed {
  readonly port: number;
  /** The service that will listen on the port, for the error message. */
  readonly purpose: string;
  /** The variable that changes the port. */
  readonly variable: string;
  /** The loopback address on which the service will listen. Default: 127.0.0.1. */
  readonly host?: string;
}

export function portNeed(ports: Ports, name: PortName): PortNeed {
  const { purpose, variable } = PORTS[name];
  return { port: ports[name], purpose, variable };
}

export function portNeeds(ports: Ports, ...names: readonly PortName[]): readonly PortNeed[] {
  return names.map((name) => portNeed(ports, name));
}

/**
 * Checks that the ports are free. Runs before any process starts, and again right before each process starts.
 *
 * @throws StackError that names each port in use, the process that uses it when known, and the variable to change.
 */
export async function requireFree(needs: readonly PortNeed[]): Promise<void> {
  const problems: string[] = [];
  const seen = new Map<string, PortNeed>();
  for (const need of needs) {
    const { host = LOOPBACK } = need;
    const address = `${host}:${need.port}`;
    const duplicate = seen.get(address);
    seen.set(address, need);
    if (duplicate !== undefined) {
      problems.push(
        `Port ${need.port} is assigned to both ${duplicate.purpose} and ${need.purpose}: ` +
          `set ${need.variable} to another port.`,
      );
    } else if (!(await isFree(need.port, need.host))) {
      problems.push(portInUse(need, listenerOn(need.port)));
    }
  }
  if (problems.length > 0) throw new StackError(problems.join('\n'));
}

/** Returns the sentence about a port that another process uses, which is undefined when it is not known. */
export function portInUse(
  { port, purpose, variable, host = LOOPBACK }: PortNeed,
  listener: Listener | undefined,
): string {
  const address = host === LOOPBACK ? '' : ` of ${host}`;
  const owner = listener === undefined ? '' : ` by ${listener.command} (process ${listener.pid})`;
  return (
    `Port ${port}${address} for ${purpose} is in use${owner}: ` +
    `stop the process that listens on it, or set ${variable} to a free port.`
  );
}

/** Returns true when a process can listen on the port of a loopback address. */
function isFree(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
