import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/harness/eventually.ts';
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

/** A Node program that is ready when it has made a file of its name. */
function program(
  name: string,
  { body = '', ...more }: Partial<ProcessSpec> & { readonly body?: string } = {},
): ProcessSpec {
  const readyFile = join(folder.path, `${name}.ready`);
  const idle = 'setInterval(() => undefined, 1000);';
  return {
    name,
    command: process.execPath,
    args: ['-e', `${body}; require('fs').writeFileSync(${JSON.stringify(readyFile)}, ''); ${idle}`],
    env: {},
    probe: () => (existsSync(readyFile) ? Promise.resolve() : Promise.reject(new Error('no file yet'))),
    readyDeadlineMs: 60_000,
    ...more,
  };
}

/** What a program writes down when it is told to end. */
function noteAtEnd(name: string): string {
  const file = JSON.stringify(join(folder.path, 'order'));
  return `process.on('SIGTERM', () => { require('fs').appendFileSync(${file}, '${name} '); process.exit(0); })`;
}

function identityOfRunning(name: string): ProcessIdentity {
  const pid = supervisor.processes().find((each) => each.name === name)?.pid ?? 0;
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error(`${name} does not run`);
  return identity;
}

describe('starting', () => {
  test('a program that ends before it is ready is told with the end of its log', async () => {
    const broken = program('broken', { body: "console.error('no such database'); process.exit(3)" });
    await expect(supervisor.start(broken, never)).rejects.toThrow(
      /broken ended with code 3 before it was ready\.\nLast lines of .*broken\.log:\n {2}no such database/,
    );
  });

  test('a program that is not there is told', async () => {
    const missing = program('missing', { command: join(folder.path, 'nothing') });
    await expect(supervisor.start(missing, never)).rejects.toThrow(/missing could not be started \(.*ENOENT/);
  });

  test('a program that does not become ready in time is told with the reason', async () => {
    const slow = program('slow', { probe: () => Promise.reject(new Error('still warming up')), readyDeadlineMs: 0 });
    await expect(supervisor.start(slow, never)).rejects.toThrow(/slow was not ready after 0 s \(still warming up\)/);
  });

  test('an abort ends the waiting', async () => {
    const abort = new AbortController();
    const starting = supervisor.start(
      program('endless', { probe: () => Promise.reject(new Error('no')) }),
      abort.signal,
    );
    abort.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a program sees only the environment it is given', async () => {
    const shows = program('shows', { body: 'console.log(Object.keys(process.env).join())', env: { ONLY: '1' } });
    await supervisor.start(shows, never);
    expect(readFileSync(join(folder.logs, 'shows.log'), 'utf8').trim()).toBe('ONLY');
  });
});

describe('stopping', () => {
  test('goes from the last started to the first, with what was registered in its turn', async () => {
    await supervisor.start(program('first', { body: noteAtEnd('first') }), never);
    supervisor.onStop(() => {
      writeFileSync(join(folder.path, 'order'), 'hook ', { flag: 'a' });
      return Promise.resolve();
    });
    await supervisor.start(program('second', { body: noteAtEnd('second') }), never);
    await supervisor.stopAll();
    expect(readFileSync(join(folder.path, 'order'), 'utf8')).toBe('second hook first ');
  });

  test('kills a program that does not listen, together with what it has started', async () => {
    const childFile = join(folder.path, 'child');
    const spawnsChild = `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(childFile)}, String(child.pid))`;
    const deaf = program('deaf', {
      body: `process.on('SIGTERM', () => undefined); ${spawnsChild}`,
      stop: { signal: 'SIGTERM', graceMs: 50 },
    });
    await supervisor.start(deaf, never);
    const parent = identityOfRunning('deaf');
    const child = identityOf(Number(readFileSync(childFile, 'utf8')));
    await supervisor.stopAll();
    expect(isAlive(parent)).toBe(false);
    await eventually(() => child !== undefined && !isAlive(child));
    expect(readdirSync(folder.run)).toEqual([]);
  });

  test('a hook that fails is told after everything was stopped', async () => {
    await supervisor.start(program('stands'), never);
    const identity = identityOfRunning('stands');
    supervisor.onStop(() => Promise.reject(new Error('the mount is busy')));
    await expect(supervisor.stopAll()).rejects.toThrow('the mount is busy');
    expect(isAlive(identity)).toBe(false);
    supervisor = createSupervisor(folder);
  });
});

test('a program that ends while it is needed is told in one sentence', async () => {
  await supervisor.start(program('fragile'), never);
  process.kill(identityOfRunning('fragile').pid, 'SIGKILL');
  expect(await supervisor.firstDeath).toMatch(/^fragile was ended by SIGKILL while it was needed\./);
});

describe('leftovers of a crash', () => {
  test('are found and ended, the last started first', async () => {
    await supervisor.start(program('older', { body: noteAtEnd('older') }), never);
    await supervisor.start(program('newer', { body: noteAtEnd('newer') }), never);
    expect(await endLeftovers(folder)).toEqual(['newer', 'older']);
    expect(readFileSync(join(folder.path, 'order'), 'utf8')).toBe('newer older ');
    expect(readdirSync(folder.run)).toEqual([]);
  });

  test('a later process with the same pid is left alone', async () => {
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

  test('a file that was half-written names nobody', async () => {
    writeFileSync(join(folder.run, 'etcd.json'), '{"pid":1,"bir');
    expect(await endLeftovers(folder)).toEqual([]);
    expect(readdirSync(folder.run)).toEqual([]);
  });
});
