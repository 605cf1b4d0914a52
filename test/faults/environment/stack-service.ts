import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { directToLoopback } from '../../../temporal/direct-connection.ts';
import { accessAs, runAsFor } from '../../../temporal-dev/services/postgres-user.ts';
import { endProcess, identityOf } from '../../../temporal-dev/processes/process-identity.ts';
import { signalTree } from '../../harness/process-tree.ts';
import type { Stack } from '../../../temporal-dev/start-stack.ts';
import type { ProcessSpec } from '../../../temporal-dev/processes/supervisor.ts';

/** A service of the stack that can be crashed and started again with the same command. */
export interface StackService {
  /** Crashes the service and waits until its process has ended. */
  crash(): Promise<void>;
  /** Starts the service with its original command and waits until it is ready. */
  start(): Promise<void>;
  /** Pauses or continues all processes of the service. Linux only. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Continues the service if it is paused, and starts it if it is not running. */
  ensureAlive(): Promise<void>;
}

interface ServiceKind {
  readonly crashSignal: NodeJS.Signals;
  readonly stopSignal: NodeJS.Signals;
  readonly probe: (stack: Stack, env: Readonly<Record<string, string>>) => Promise<void>;
}

const POSTGRES: ServiceKind = {
  // It stops at once and without a checkpoint, and replays its log at the next start.
  crashSignal: 'SIGQUIT',
  stopSignal: 'SIGINT',
  probe: probePostgres,
};
const TEMPORAL: ServiceKind = { crashSignal: 'SIGKILL', stopSignal: 'SIGTERM', probe: probeTemporal };
const READY_DEADLINE_MS = 60_000;
const END_GRACE_MS = 15_000;

/** Returns the service whose process has this name: `postgres`, `temporal`, or a node of the Temporal cluster. */
export function stackService(stack: Stack, name: string): StackService {
  const kind = name === 'postgres' ? POSTGRES : TEMPORAL;
  // Read from /proc: the exact command of the running service.
  const command = commandOf(pidOf(stack, name));
  const start = (): Promise<void> =>
    stack.run({
      ...command,
      name,
      ports: [], // nothing else in the environment takes the port while the service is down
      probe: () => kind.probe(stack, command.env),
      readyDeadlineMs: READY_DEADLINE_MS,
      stop: { signal: kind.stopSignal, graceMs: END_GRACE_MS },
    });
  return {
    start,
    signal: (signal) => signalTree(pidOf(stack, name), signal),
    ensureAlive: async () => {
      const pid = pidOf(stack, name);
      if (identityOf(pid) === undefined) await start();
      else signalTree(pid, 'SIGCONT');
    },
    crash: async () => {
      const identity = identityOf(pidOf(stack, name));
      if (identity === undefined) return;
      await endProcess(identity, { signal: kind.crashSignal, graceMs: END_GRACE_MS });
    },
  };
}

/** Returns a service that consists of several processes. */
export function combineServices(parts: readonly StackService[]): StackService {
  const inOrder = async (run: (part: StackService) => Promise<void>): Promise<void> => {
    for (const part of parts) await run(part);
  };
  return {
    crash: async () => {
      await Promise.all(parts.map((part) => part.crash()));
    },
    // One after the other: a node of Temporal exits if it can't start within its own deadline, for example on a busy machine.
    start: () => inOrder((part) => part.start()),
    signal: (signal) => {
      for (const part of parts) part.signal(signal);
    },
    ensureAlive: () => inOrder((part) => part.ensureAlive()),
  };
}

function pidOf(stack: Stack, name: string): number {
  const found = stack.processes().findLast((process) => process.name === name);
  if (found === undefined) throw new Error(`the stack has no service ${name}`);
  return found.pid;
}

function commandOf(pid: number): Pick<ProcessSpec, 'command' | 'args' | 'env'> & Partial<ProcessSpec> {
  const [command = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  const env = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const isSameUser = statSync(`/proc/${pid}`).uid === process.getuid?.();
  return {
    // As root, Postgres runs as another user: start it as that user again.
    ...(isSameUser
      ? { command, args }
      : accessAs(runAsFor([command, ...args.filter(isAbsolute).map(dirname)]), command, args)),
    env: Object.fromEntries(env.map((entry) => entry.split(/=(.*)/s, 2) as [string, string])),
  };
}

async function probePostgres(stack: Stack): Promise<void> {
  const client = new Client({ connectionString: stack.env['DATABASE_URL'], connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A node of the cluster has an address of its own, which is in its environment. */
async function probeTemporal(stack: Stack, env: Readonly<Record<string, string>>): Promise<void> {
  const { TEMPORAL_ADDRESS = '', TEMPORAL_NAMESPACE: namespace = '' } = stack.env;
  const { BIND_ON_IP: host, FRONTEND_GRPC_PORT: port } = env;
  const address = host === undefined ? TEMPORAL_ADDRESS : `${host}:${port}`;
  const connection = await Connection.connect(directToLoopback({ address, connectTimeout: 2_000 }));
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
