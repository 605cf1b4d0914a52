import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import getPort, { clearLockedPorts } from 'get-port';
import { StackError, systemCode } from '../stack-error.ts';

/**
 * Fixed ports of a local stack and the variables that change them. All lie below the ranges from which Linux and macOS take
 * the ports of outgoing connections, and away from the usual ports of the same programs.
 */
const PORTS = {
  postgres: { variable: 'STACK_POSTGRES_PORT', fixed: 25_432 },
  temporal: { variable: 'STACK_TEMPORAL_PORT', fixed: 7_233 },
  temporalUi: { variable: 'STACK_TEMPORAL_UI_PORT', fixed: 8_233 },
  temporalHttp: { variable: 'STACK_TEMPORAL_HTTP_PORT', fixed: 27_243 },
  temporalMetrics: { variable: 'STACK_TEMPORAL_METRICS_PORT', fixed: 27_244 },
  kubernetes: { variable: 'STACK_KUBERNETES_PORT', fixed: 26_443 },
  etcd: { variable: 'STACK_ETCD_PORT', fixed: 22_379 },
  etcdPeer: { variable: 'STACK_ETCD_PEER_PORT', fixed: 22_380 },
  controllerManager: { variable: 'STACK_CONTROLLER_MANAGER_PORT', fixed: 26_257 },
  scheduler: { variable: 'STACK_SCHEDULER_PORT', fixed: 26_259 },
  frontDoor: { variable: 'STORE_PORT', fixed: 8_480 },
} as const;

export type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

const PORT_NAMES = Object.keys(PORTS) as readonly PortName[];

/** The fixed ports, changed by what the environment says. @throws StackError that names every bad variable. */
export function fixedPorts(env: Readonly<Record<string, string | undefined>>): Ports {
  const problems: string[] = [];
  const ports: Record<string, number> = {};
  for (const name of PORT_NAMES) {
    const { variable, fixed } = PORTS[name];
    const given = env[variable];
    const port = given === undefined || given === '' ? fixed : Number(given);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) problems.push(`${variable}=${given}`);
    ports[name] = port;
  }
  if (problems.length > 0) {
    throw new StackError(`Not a port from 1 to 65535: ${problems.join(', ')}. Correct or unset the variable.`);
  }
  return ports as Ports;
}

/** The variables for the ports, for `--help`. */
export function describePorts(): readonly { readonly name: string; readonly description: string }[] {
  return PORT_NAMES.map((name) => ({
    name: PORTS[name].variable,
    description: `Port of the local stack: ${PORTS[name].fixed}`,
  }));
}

/** Apart from the fixed ports, and below those of outgoing connections. */
const FREE_RANGE = { lowest: 10_000, highest: 21_999 } as const;
const FREE_TRIES = 100;

/**
 * Ports that nobody listens on at the moment, and that no outgoing connection is given while their service is away for a
 * while: it could not come back.
 */
export async function freePorts(): Promise<Ports> {
  const ports: Record<string, number> = {};
  for (const name of PORT_NAMES) ports[name] = await getPort({ host: '127.0.0.1', port: drawnPorts() });
  clearLockedPorts();
  return ports as Ports;
}

/** By lot, so that stacks that start at once don't meet. */
function drawnPorts(): readonly number[] {
  return Array.from({ length: FREE_TRIES }, () => randomInt(FREE_RANGE.lowest, FREE_RANGE.highest + 1));
}

export interface PortNeed {
  readonly port: number;
  /** Who is going to listen there, for the message. */
  readonly purpose: string;
  /** The variable that changes it. */
  readonly variable: string;
}

export function portNeed(ports: Ports, name: PortName, purpose: string): PortNeed {
  return { port: ports[name], purpose, variable: PORTS[name].variable };
}

/**
 * Checks that nobody listens on the ports, before anything is started.
 *
 * @throws StackError that names each taken port, its owner when known, and the variable to change.
 */
export async function requireFree(needs: readonly PortNeed[]): Promise<void> {
  const problems: string[] = [];
  const seen = new Map<number, PortNeed>();
  for (const need of needs) {
    const twin = seen.get(need.port);
    seen.set(need.port, need);
    if (twin !== undefined) {
      problems.push(`Port ${need.port} is meant for ${twin.purpose} and for ${need.purpose}: change ${need.variable}.`);
    } else if (!(await isFree(need.port))) {
      const owner = ownerOf(need.port);
      problems.push(
        `Port ${need.port} for ${need.purpose} is taken${owner === undefined ? '' : ` by ${owner}`}: ` +
          `stop what listens there, or set ${need.variable} to a free port.`,
      );
    }
  }
  if (problems.length > 0) throw new StackError(problems.join('\n'));
}

/** Whether the port can be listened on at loopback, where all of the stack listens. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Best effort: most systems have lsof, and without it the message is still enough. */
function ownerOf(port: number): string | undefined {
  try {
    const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 2_000,
    });
    const pid = /^p(\d+)$/m.exec(output)?.[1];
    const command = /^c(.+)$/m.exec(output)?.[1];
    return pid === undefined ? undefined : `${command ?? 'a process'} (process ${pid})`;
  } catch {
    return undefined;
  }
}
