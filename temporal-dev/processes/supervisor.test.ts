import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/harness/eventually.ts';
import { freePort, type PortNeed } from './ports.ts';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts';
import { createSupervisor, endLeftovers, type ProcessSpec, type Supervisor } from './supervisor.ts';

const never = new AbortController().signal;
let folder: { path: string; run: string; logs: string };
let supervisor: Supervisor;

beforeEach(() => {
  const path = mkdtempSync(join(tmpdir(), 'supervisor-'));
  folder = { path, run: join(path, 'run'), logs: join(path, 'logs') };
  mkdirSync(folder.run);
  mkdirSync(folder.logs);
  supervisor = createSupervisor(folder);
});

afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder.path, { recursive: true });
});

/** A Node program that is ready when it has created the file `<name>.ready`. */
function program(
  name: string,
  { body = '', ...overrides }: Partial<ProcessSpec> & { readonly body?: string } = {},
): ProcessSpec {
  const readyFile = join(folder.path, `${name}.ready`);
  const idle = 'setInterval(() => undefined, 1000);';
  return {
    name,
    command: process.execPath,
    args: ['-e', `${body}; require('fs').writeFileSync(${JSON.stringify(readyFile)}, ''); ${idle}`],
    env: {},
    ports: [],
    probe: () => (existsSync(readyFile) ? Promise.resolve() : Promise.reject(new Error('no file yet'))),
    readyDeadlineMs: 60_000,
    ...overrides,
  };
}

/** Program code that appends the name to the file `order` on SIGTERM. */
function recordStop(name: string): string {
  const file = JSON.stringify(join(folder.path, 'order'));
  return `process.on('SIGTERM', () => { require('fs').appendFileSync(${file}, '${name} '); process.exit(0); })`;
}

function identityOfRunning(name: string): ProcessIdentity {
  const pid = supervisor.processes().find((each) => each.name === name)?.pid ?? 0;
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error(`${name} is not running`);
  return identity;
}

describe('start', () => {
  test('fails with the last log lines when the program exits before it is ready', async () => {
    const broken = program('broken', { body: "console.error('no such database'); process.exit(3)" });
    await expect(supervisor.start(broken, never)).rejects.toThrow(
      /broken exited with code 3 before it was ready: fix the error in its log, then start again\.\nLast lines of .*broken\.log:\n {2}no such database/,
    );
  });

  test('fails when the program does not exist', async () => {
    const missing = program('missing', { command: join(folder.path, 'nothing') });
    await expect(supervisor.start(missing, never)).rejects.toThrow(/missing failed to start \(.*ENOENT/);
  });

  test('fails with the reason when the program is not ready in time', async () => {
    const slow = program('slow', { probe: () => Promise.reject(new Error('still warming up')), readyDeadlineMs: 0 });
    await expect(supervisor.start(slow, never)).rejects.toThrow(/slow was not ready after 0 s \(still warming up\)/);
  });

  test('rejects with AbortError when the signal is aborted', async () => {
    const abort = new AbortController();
    const starting = supervisor.start(
      program('endless', { probe: () => Promise.reject(new Error('no')) }),
      abort.signal,
    );
    abort.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('passes only the environment of the spec to the program', async () => {
    const shows = program('shows', { body: 'console.log(Object.keys(process.env).join())', env: { ONLY: '1' } });
    await supervisor.start(shows, never);
    expect(readFileSync(join(folder.logs, 'shows.log'), 'utf8').trim()).toBe('ONLY');
  });
});

describe('the ports of a program', () => {
  const listener = createServer();
  afterEach(() => void listener.close());

  async function portNeeded(): Promise<PortNeed> {
    return { port: await freePort(), purpose: 'a test', variable: 'TEST_PORT' };
  }
  const listen = ({ port }: PortNeed): Promise<void> =>
    new Promise((resolve) => void listener.listen(port, '127.0.0.1', resolve));
  const inUse = ({ port }: PortNeed): RegExp =>
    new RegExp(
      `^Port ${port} for a test is in use by \\S+ \\(process ${process.pid}\\): stop the process that listens on it, or set TEST_PORT to a free port\\.$`,
    );

  /** A program that is started, and then listens on the port as soon as the test creates the file. */
  function listensLater(
    need: PortNeed,
    probe: ProcessSpec['probe'],
  ): { spec: ProcessSpec; startsToListen: () => void } {
    const file = join(folder.path, 'listen');
    const body = `const timer = setInterval(() => {
      if (!require('fs').existsSync(${JSON.stringify(file)})) return;
      clearInterval(timer);
      require('net').createServer().listen(${need.port}, '127.0.0.1');
    }, 10)`;
    return { spec: program('listens', { body, ports: [need], probe }), startsToListen: () => writeFileSync(file, '') };
  }
  const hasStarted = () => eventually(() => existsSync(join(folder.path, 'listens.ready')));

  test('must be free: otherwise no process is started, and one sentence names the port', async () => {
    const need = await portNeeded();
    await listen(need);
    await expect(supervisor.start(program('late', { ports: [need] }), never)).rejects.toThrow(inUse(need));
    expect(supervisor.processes()).toEqual([]);
  });

  test.each(['fails before the program listens', 'fails when the program cannot listen'])(
    'when another process takes one after the check, the start %s and the other process gets no request',
    async (moment) => {
      const need = await portNeeded();
      let probes = 0;
      const { spec, startsToListen } = listensLater(need, async () => void (probes += 1));
      const started = supervisor.start(spec, never);
      const refused = expect(started).rejects.toThrow(inUse(need));
      await hasStarted();
      await listen(need);
      if (moment !== 'fails before the program listens') startsToListen();
      await refused;
      expect(probes).toBe(0);
    },
  );

  test('are listened on by the program itself before it is probed', async () => {
    const need = await portNeeded();
    let probes = 0;
    const { spec, startsToListen } = listensLater(need, async () => void (probes += 1));
    const started = supervisor.start(spec, never);
    await hasStarted();
    await new Promise((resolve) => setTimeout(resolve, 200)); // some probe intervals
    expect(probes).toBe(0);
    startsToListen();
    await started;
    expect(probes).toBe(1);
  });
});

describe('restart', () => {
  const restart = (reports: string[]) => ({ afterMs: 10, report: (message: string) => void reports.push(message) });

  test('starts a program again when it exits, and keeps its place in the order of the stop', async () => {
    const reports: string[] = [];
    const spec = program('node', { body: recordStop('node'), restart: restart(reports) });
    await supervisor.start(spec, never);
    await supervisor.start(program('later', { body: recordStop('later') }), never);
    const first = identityOfRunning('node');
    rmSync(join(folder.path, 'node.ready'));
    process.kill(first.pid, 'SIGKILL');
    await eventually(() => reports.includes('node runs again.'));
    expect(reports[0]).toBe('node was terminated by SIGKILL. It is started again in 0.01 s.');
    const second = identityOfRunning('node');
    expect(second.pid).not.toBe(first.pid);
    await supervisor.stopAll();
    expect(isAlive(second)).toBe(false);
    expect(readFileSync(join(folder.path, 'order'), 'utf8')).toBe('later node ');
  });

  test('reports a program that does not become ready again', async () => {
    const broken = join(folder.path, 'broken');
    const body = `if (require('fs').existsSync(${JSON.stringify(broken)})) process.exit(4)`;
    await supervisor.start(program('node', { body, restart: restart([]) }), never);
    rmSync(join(folder.path, 'node.ready'));
    writeFileSync(broken, '');
    process.kill(identityOfRunning('node').pid, 'SIGKILL');
    expect(await supervisor.firstDeath).toMatch(/node exited with code 4 before it was ready/);
  });

  test('does not start a program again after the stop has begun', async () => {
    const reports: string[] = [];
    await supervisor.start(program('node', { restart: { ...restart(reports), afterMs: 300 } }), never);
    process.kill(identityOfRunning('node').pid, 'SIGKILL');
    await eventually(() => reports.length > 0);
    await supervisor.stopAll();
    await delay(400);
    expect(reports).toHaveLength(1);
    expect(readdirSync(folder.run)).toEqual([]);
  });
});

describe('stop', () => {
  test('stops programs and runs stop steps in reverse order', async () => {
    await supervisor.start(program('first', { body: recordStop('first') }), never);
    supervisor.onStop(() => {
      writeFileSync(join(folder.path, 'order'), 'hook ', { flag: 'a' });
      return Promise.resolve();
    });
    await supervisor.start(program('second', { body: recordStop('second') }), never);
    await supervisor.stopAll();
    expect(readFileSync(join(folder.path, 'order'), 'utf8')).toBe('second hook first ');
  });

  test('kills a program that ignores SIGTERM, and its child processes', async () => {
    const childFile = join(folder.path, 'child');
    const spawnsChild = `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(childFile)}, String(child.pid))`;
    const stubborn = program('stubborn', {
      body: `process.on('SIGTERM', () => undefined); ${spawnsChild}`,
      stop: { signal: 'SIGTERM', graceMs: 50 },
    });
    await supervisor.start(stubborn, never);
    const parent = identityOfRunning('stubborn');
    const child = identityOf(Number(readFileSync(childFile, 'utf8')));
    await supervisor.stopAll();
    expect(isAlive(parent)).toBe(false);
    await eventually(() => child !== undefined && !isAlive(child));
    expect(readdirSync(folder.run)).toEqual([]);
  });

  test('throws the error of a failing stop step after it has stopped every program', async () => {
    await supervisor.start(program('survivor'), never);
    const identity = identityOfRunning('survivor');
    supervisor.onStop(() => Promise.reject(new Error('the mount is busy')));
    await expect(supervisor.stopAll()).rejects.toThrow('the mount is busy');
    expect(isAlive(identity)).toBe(false);
    supervisor = createSupervisor(folder);
  });
});

test('firstDeath resolves with a message when a ready program is killed', async () => {
  await supervisor.start(program('fragile'), never);
  process.kill(identityOfRunning('fragile').pid, 'SIGKILL');
  expect(await supervisor.firstDeath).toMatch(/^fragile was terminated by SIGKILL while the stack was running\./);
});

describe('endLeftovers', () => {
  test('stops the processes of a crashed run, the last started first', async () => {
    await supervisor.start(program('older', { body: recordStop('older') }), never);
    await supervisor.start(program('newer', { body: recordStop('newer') }), never);
    expect(await endLeftovers(folder)).toEqual(['newer', 'older']);
    expect(readFileSync(join(folder.path, 'order'), 'utf8')).toBe('newer older ');
    expect(readdirSync(folder.run)).toEqual([]);
  });

  test('does not stop a later process with the same pid', async () => {
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    try {
      const identity = identityOf(bystander.pid ?? 0);
      const stop = { signal: 'SIGTERM', graceMs: 0 };
      const pidFile = { pid: bystander.pid, birth: 'long ago', name: 'postgres', stop, startedAt: 0 };
      writeFileSync(join(folder.run, 'postgres.json'), JSON.stringify(pidFile));
      expect(await endLeftovers(folder)).toEqual([]);
      expect(identity !== undefined && isAlive(identity)).toBe(true);
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  test('ignores and removes a half-written file', async () => {
    writeFileSync(join(folder.run, 'etcd.json'), '{"pid":1,"bir');
    expect(await endLeftovers(folder)).toEqual([]);
    expect(readdirSync(folder.run)).toEqual([]);
  });
});
