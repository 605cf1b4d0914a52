import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import getPort from 'get-port';
import { Client } from 'pg';
import { readStackEnv } from '../config/stack-env.ts';
import { eventually, testStack } from '../test/harness/stack/stack.ts';

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
    // Given, so only Postgres is started here.
    TEMPORAL_ADDRESS,
    KUBECONFIG,
    KUBE_CONTEXT,
    HELM_BIN,
    STORE_PLATFORM_STATE: stateDir,
    STACK_POSTGRES_PORT: String(await getPort({ host: '127.0.0.1' })),
  };
});

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(parent, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

function run(command: string, more: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, command], { env: { ...env, ...more } });
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  return { child, output: () => output, ended };
}

async function runToTheEnd(
  command: string,
  more?: Record<string, string>,
): Promise<{ code: number | string; output: string }> {
  const { ended, output } = run(command, more);
  return { code: await ended, output: output() };
}

async function untilUp(stack: Run): Promise<void> {
  await eventually(() => stack.output().includes('Ctrl-C stops everything'), { deadlineMs: 90_000 });
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

describe('the stack on the command line', () => {
  test('keeps its state over Ctrl-C and over a crash, leaves nothing behind, and runs once', async () => {
    const port = Number(env['STACK_POSTGRES_PORT']);

    const first = run('stack');
    await untilUp(first);
    expect(first.output()).toMatch(/Cluster +context store-platform-local/);
    await query('CREATE TABLE kept AS SELECT 42 AS answer');

    const second = await runToTheEnd('stack');
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('running already') });
    const reset = await runToTheEnd('reset');
    expect(reset).toMatchObject({ code: 1, output: expect.stringContaining('running already') });

    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(first.output()).toMatch(/Stopped\.\n$/);
    expect(await isListening(port)).toBe(false);
    expect(existsSync(join(stateDir, 'stack.env'))).toBe(false);
    expect(readdirSync(join(stateDir, 'run'))).toEqual([]);

    const crashing = run('stack');
    await untilUp(crashing);
    crashing.child.kill('SIGKILL');
    expect(await crashing.ended).toBe('SIGKILL');
    expect(await isListening(port)).toBe(true);

    const third = run('stack');
    await untilUp(third);
    expect(third.output()).toContain('Ended what an earlier run had left: postgres');
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);

    // A part that is needed ends: so does the rest, and the reason is told.
    const pidFile = JSON.parse(readFileSync(join(stateDir, 'run', 'postgres.json'), 'utf8')) as { pid: number };
    process.kill(pidFile.pid, 'SIGKILL');
    expect(await third.ended).toBe(1);
    expect(third.output()).toContain('postgres was ended by SIGKILL while it was needed.');

    expect(await runToTheEnd('reset')).toMatchObject({ code: 0 });
    expect(existsSync(stateDir)).toBe(false);
  }, 300_000); // seven starts of Node, one after the other

  test('names a port that is taken and the variable to change, and starts nothing', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as AddressInfo; // it listens on a port, not on a pipe
    const blocked = await runToTheEnd('stack', {
      STACK_POSTGRES_PORT: String(port),
      STORE_PLATFORM_STATE: join(parent, 'blocked'),
    });
    blocker.close();
    expect(blocked.code).toBe(1);
    expect(blocked.output).toMatch(new RegExp(`^Port ${port} for Postgres is taken.*STACK_POSTGRES_PORT`, 'm'));
    expect(readdirSync(join(parent, 'blocked', 'logs'))).toEqual([]);
  });

  test('tells all bad settings at once before it starts anything', async () => {
    const bad = await runToTheEnd('stack', {
      PORT: 'http',
      LOG_LEVEL: 'loud',
      STORE_PLATFORM_STATE: join(parent, 'bad'),
    });
    expect(bad.code).toBe(1);
    expect(bad.output).toMatch(/PORT/);
    expect(bad.output).toMatch(/LOG_LEVEL/);
    expect(existsSync(join(parent, 'bad'))).toBe(false);
  });

  test('explains itself when it is asked for something else', async () => {
    expect(await runToTheEnd('stroll')).toMatchObject({
      code: 2,
      output: expect.stringContaining('start | stack | reset'),
    });
  });
});
