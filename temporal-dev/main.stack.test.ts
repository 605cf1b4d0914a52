import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { readStackEnv } from '../config/stack-env.ts';
import { eventually, testStack } from '../test/harness/stack/stack.ts';
import { freePort } from './processes/ports.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const parent = mkdtempSync(join(tmpdir(), 'main-'));
const stateDir = join(parent, 'state');
let env: Record<string, string>;
const started: ChildProcess[] = [];

beforeAll(async () => {
  const { TEMPORAL_ADDRESS, KUBECONFIG, KUBE_CONTEXT, HELM_BIN } = testStack();
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: parent,
    // The environment names Temporal and the cluster, so the stack starts only Postgres.
    TEMPORAL_ADDRESS,
    KUBECONFIG,
    KUBE_CONTEXT,
    HELM_BIN,
    STORE_PLATFORM_STATE: stateDir,
    STACK_POSTGRES_PORT: String(await freePort()),
  };
});

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(parent, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with the exit code, or with the signal that terminated the process. */
  readonly exited: Promise<number | string>;
}

function run(command: string, extraEnv: Record<string, string> = {}, options: readonly string[] = []): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, command, ...options], {
    env: { ...env, ...extraEnv },
  });
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  return { child, output: () => output, exited };
}

async function runToExit(
  command: string,
  extraEnv?: Record<string, string>,
  options?: readonly string[],
): Promise<{ code: number | string; output: string }> {
  const { exited, output } = run(command, extraEnv, options);
  return { code: await exited, output: output() };
}

async function untilReady(stack: Run): Promise<void> {
  await eventually(() => stack.output().includes('Press Ctrl-C to stop everything'), { deadlineMs: 90_000 });
}

async function query(sql: string): Promise<unknown[]> {
  const { DATABASE_URL } = await readStackEnv(stateDir);
  const client = new Client({ connectionString: DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

describe('the command line of the local stack', () => {
  test('keeps its state after Ctrl-C and after a crash, and refuses a second stack on the same state folder', async () => {
    const port = Number(env['STACK_POSTGRES_PORT']);

    const first = run('stack');
    await untilReady(first);
    expect(first.output()).toMatch(/Cluster +context store-platform-local/);
    await query('CREATE TABLE kept AS SELECT 42 AS answer');

    const second = await runToExit('stack');
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('is already running') });
    const reset = await runToExit('reset');
    expect(reset).toMatchObject({ code: 1, output: expect.stringContaining('is already running') });

    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);
    expect(first.output()).toMatch(/Stopped\.\n$/);
    expect(await isListening(port)).toBe(false);
    expect(existsSync(join(stateDir, 'stack.env'))).toBe(false);
    expect(readdirSync(join(stateDir, 'run'))).toEqual([]);

    const crashing = run('stack');
    await untilReady(crashing);
    crashing.child.kill('SIGKILL');
    expect(await crashing.exited).toBe('SIGKILL');
    expect(await isListening(port)).toBe(true);

    const third = run('stack');
    await untilReady(third);
    expect(third.output()).toContain('Stopped leftover processes of an earlier run: postgres');
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);

    // When one process exits, the stack stops the others and prints the reason.
    const pidFile = JSON.parse(readFileSync(join(stateDir, 'run', 'postgres.json'), 'utf8')) as { pid: number };
    process.kill(pidFile.pid, 'SIGKILL');
    expect(await third.exited).toBe(1);
    expect(third.output()).toContain('postgres was terminated by SIGKILL while the stack was running.');

    expect(await runToExit('reset')).toMatchObject({ code: 0 });
    expect(existsSync(stateDir)).toBe(false);
  }, 300_000); // the test starts Node seven times in sequence

  test('names a port that is in use and the variable to change, and starts no process', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as AddressInfo; // an AddressInfo, because it listens on a TCP port
    const blocked = await runToExit('stack', {
      STACK_POSTGRES_PORT: String(port),
      STORE_PLATFORM_STATE: join(parent, 'blocked'),
    });
    blocker.close();
    expect(blocked.code).toBe(1);
    expect(blocked.output).toMatch(new RegExp(`^Port ${port} for Postgres is in use.*STACK_POSTGRES_PORT`, 'm'));
    expect(readdirSync(join(parent, 'blocked', 'logs'))).toEqual([]);
  });

  test('lists all invalid settings before it starts any process', async () => {
    const bad = await runToExit('stack', {
      PORT: 'http',
      LOG_LEVEL: 'loud',
      STORE_PLATFORM_STATE: join(parent, 'bad'),
    });
    expect(bad.code).toBe(1);
    expect(bad.output).toMatch(/PORT/);
    expect(bad.output).toMatch(/LOG_LEVEL/);
    expect(existsSync(join(parent, 'bad'))).toBe(false);
  });

  test('refuses a Temporal cluster when the environment names another server, and an unknown server', async () => {
    const refused = await runToExit('stack', { STORE_PLATFORM_STATE: join(parent, 'refused') }, [
      '--temporal',
      'cluster',
    ]);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('TEMPORAL_ADDRESS') });
    expect(existsSync(join(parent, 'refused'))).toBe(false);
    const unknown = await runToExit('stack', {}, ['--temporal', 'cloud']);
    expect(unknown.code).toBe(2);
    expect(unknown.output).toMatch(/^Unknown value "cloud" for --temporal: use dev or cluster\./);
  });

  test('refuses a platform in pods when the environment names the servers', async () => {
    const refused = await runToExit('stack', { STORE_PLATFORM_STATE: join(parent, 'in-pods') }, [
      '--cluster',
      'node',
      '--in-pods',
    ]);
    expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/^--in-pods .* unset DATABASE_URL/) });
    expect(existsSync(join(parent, 'in-pods'))).toBe(false);
  });

  test('prints the usage for an unknown command', async () => {
    const unknown = await runToExit('stroll');
    expect(unknown).toMatchObject({ code: 2, output: expect.stringContaining('start | stack | reset') });
    expect(unknown.output).toMatch(/^Unknown command "stroll": use start, stack or reset\./);
  });

  test('refuses --https with simulated nodes, which serve no traffic', async () => {
    const refused = await runToExit('start', {}, ['--https']);
    expect(refused).toMatchObject({ code: 2, output: expect.stringMatching(/^Stores on simulated nodes .* --https/) });
  });
});
