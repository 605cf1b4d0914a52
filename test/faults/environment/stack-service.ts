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

type ServiceName = 'postgres' | 'temporal';

/** SIGQUIT stops Postgres at once and without a checkpoint; Postgres replays its log at the next start. */
const CRASH_SIGNAL = { postgres: 'SIGQUIT', temporal: 'SIGKILL' } as const satisfies Record<ServiceName, string>;
const STOP_SIGNAL = { postgres: 'SIGINT', temporal: 'SIGTERM' } as const satisfies Record<ServiceName, string>;
const READY_DEADLINE_MS = 60_000;
const END_GRACE_MS = 15_000;

export function stackService(stack: Stack, name: ServiceName): StackService {
  // Read from /proc: the exact command of the running service.
  const command = commandOf(pidOf(stack, name));
  const start = (): Promise<void> =>
    stack.run({
      ...command,
      name,
      ports: [], // nothing else in the environment takes the port while the service is down
      probe: () => (name === 'postgres' ? probePostgres(stack) : probeTemporal(stack)),
      readyDeadlineMs: READY_DEADLINE_MS,
      stop: { signal: STOP_SIGNAL[name], graceMs: END_GRACE_MS },
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
      await endProcess(identity, { signal: CRASH_SIGNAL[name], graceMs: END_GRACE_MS });
    },
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

async function probeTemporal(stack: Stack): Promise<void> {
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = stack.env;
  const connection = await Connection.connect(directToLoopback({ address, connectTimeout: 2_000 }));
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
