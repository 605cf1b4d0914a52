import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { timeLimit } from '../../domain/time-limit.ts';
import { holderOfPort } from './listeners.ts';
import { portInUse, requireFree, type PortNeed } from './ports.ts';
import { endProcess, EndOptions, identityOf, isAlive, ProcessIdentity } from './process-identity.ts';
import { messageOf, StackError } from '../stack-error.ts';
import type { StateFolder } from './state-folder.ts';

/** A program of the stack and the way to run it. */
export interface ProcessSpec {
  /** The name of the process in messages and the base name of its log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The complete environment. The program inherits no other variable. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs the program as another user. Needs root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /**
   * TCP ports of this machine on which the program listens. They must be free right before it starts, and it is probed only
   * once it listens on all of them: another program that takes a port in between receives nothing.
   */
  readonly ports: readonly PortNeed[];
  /** Returns when the program is ready and throws when it is not. One call takes a few seconds at most. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly readyDeadlineMs: number;
  readonly stop?: EndOptions;
  /** Starts the program again when it exits without a request to stop. Default: its exit resolves `firstDeath`. */
  readonly restart?: {
    /** Milliseconds between the exit and the start. */
    readonly afterMs: number;
    /** Receives a sentence about each exit and each start. */
    readonly report: (message: string) => void;
  };
}

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
}

/** Starts programs, watches them and stops them in reverse order. */
export interface Supervisor {
  /**
   * Starts a program and waits until it is ready.
   *
   * @throws StackError that names the port when another process uses one of its ports; StackError with the last log lines when
   * the program exits early or is not ready in time; AbortError when aborted.
   */
  start(spec: ProcessSpec, signal: AbortSignal): Promise<void>;
  /** Registers a step of the stop. It runs after the stop of later processes and before the stop of earlier ones. */
  onStop(step: () => Promise<void>): void;
  readonly processes: () => readonly ProcessStatus[];
  /**
   * Resolves with a message when a program that was ready exits without a request to stop, or when a program with `restart`
   * does not become ready again.
   */
  readonly firstDeath: Promise<string>;
  /**
   * Stops all programs, the last started first. Safe to call twice.
   *
   * @throws the first error of an `onStop` step, after all programs have been stopped.
   */
  stopAll(): Promise<void>;
}

interface Running {
  readonly spec: ProcessSpec;
  /** Undefined when the program could not be started. */
  readonly identity: ProcessIdentity | undefined;
  readonly logFile: string;
  /** Resolves with a phrase that says how the program exited. */
  readonly exited: Promise<string>;
}

const DEFAULT_STOP: EndOptions = { signal: 'SIGTERM', graceMs: 10_000 };
const PROBE_INTERVAL_MS = 50;
const LOG_LINES_SHOWN = 12;
const ADVICE = ': fix the error in its log, then start again.';

export function createSupervisor(folder: Pick<StateFolder, 'run' | 'logs'>): Supervisor {
  const running: (Running | (() => Promise<void>))[] = [];
  let stopping: Promise<void> | undefined;
  let reportExit: (message: string) => void;
  const firstDeath = new Promise<string>((resolve) => (reportExit = resolve));

  async function start(spec: ProcessSpec, signal: AbortSignal): Promise<void> {
    await requireFree(spec.ports);
    signal.throwIfAborted();
    if (stopping !== undefined) throw new Error(`${spec.name} can't be started because the stack is stopping`);
    const entry = launch(spec, folder);
    running.push(entry);
    await waitUntilReady(entry, signal);
    void watch(entry);
  }

  async function watch(entry: Running): Promise<void> {
    const { spec, logFile, exited } = entry;
    const phrase = await exited;
    if (stopping !== undefined) return;
    if (spec.restart !== undefined) return restart(entry, spec.restart, phrase);
    reportExit(`${spec.name} ${phrase} while the stack was running.${lastLogLines(logFile)}`);
  }

  async function restart(
    exited: Running,
    { afterMs, report }: NonNullable<ProcessSpec['restart']>,
    phrase: string,
  ): Promise<void> {
    report(`${exited.spec.name} ${phrase}. It is started again in ${afterMs / 1_000} s.`);
    await delay(afterMs, undefined, { ref: false });
    if (stopping !== undefined) return;
    const entry = launch(exited.spec, folder);
    running[running.indexOf(exited)] = entry; // keeps its place in the order of the stop
    try {
      await waitUntilReady(entry, new AbortController().signal);
      report(`${exited.spec.name} runs again.`);
      void watch(entry);
    } catch (error) {
      if (stopping === undefined) reportExit(messageOf(error));
    }
  }

  async function stopEach(): Promise<void> {
    const errors: unknown[] = [];
    for (let entry = running.at(-1); entry !== undefined; entry = running.at(-1)) {
      if (typeof entry === 'function') await entry().catch((error: unknown) => errors.push(error));
      else await stopProcess(entry, folder);
      running.splice(running.indexOf(entry), 1);
    }
    if (errors.length > 0) throw errors[0];
  }

  return {
    start,
    onStop: (step) => void running.push(step),
    firstDeath,
    processes: () =>
      running.flatMap((entry) =>
        typeof entry === 'function' || entry.identity === undefined
          ? []
          : [{ name: entry.spec.name, pid: entry.identity.pid, logFile: entry.logFile }],
      ),
    stopAll: () => (stopping ??= stopEach()),
  };
}

async function stopProcess({ spec, identity }: Running, folder: Pick<StateFolder, 'run'>): Promise<void> {
  if (identity !== undefined) await endProcess(identity, spec.stop ?? DEFAULT_STOP);
  rmSync(pidFile(folder.run, spec.name), { force: true });
}

/**
 * Starts each program in its own session: Ctrl-C in the terminal then reaches only this process, which stops the
 * programs in reverse order.
 */
function launch(spec: ProcessSpec, folder: Pick<StateFolder, 'run' | 'logs'>): Running {
  const logFile = join(folder.logs, `${spec.name}.log`);
  if (statSync(logFile, { throwIfNoEntry: false }) !== undefined) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(spec.command, spec.args, {
      env: { ...spec.env },
      cwd: spec.cwd,
      detached: true,
      stdio: ['ignore', log, log],
      ...spec.owner,
    });
  } finally {
    closeSync(log);
  }
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`failed to start (${messageOf(error)})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exited with code ${code}` : `was terminated by ${signal}`),
    );
  });
  // Without a pid the start has failed, and `exited` contains the reason.
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity !== undefined) writePidFile(folder.run, spec, identity);
  return { spec, identity, logFile, exited };
}

async function waitUntilReady(entry: Running, signal: AbortSignal): Promise<void> {
  const { spec, logFile } = entry;
  const deadline = Date.now() + spec.readyDeadlineMs;
  let exitPhrase: string | undefined;
  void entry.exited.then((phrase) => (exitPhrase = phrase));
  for (;;) {
    signal.throwIfAborted();
    if (exitPhrase !== undefined) {
      await requireFree(spec.ports);
      throw new StackError(`${spec.name} ${exitPhrase} before it was ready${ADVICE}${lastLogLines(logFile)}`);
    }
    try {
      requireListening(entry);
      await spec.probe(AbortSignal.any([signal, timeLimit(5_000)]));
      requireListening(entry);
      if (exitPhrase === undefined) return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PortTaken) throw error;
      if (Date.now() >= deadline) {
        const seconds = Math.round(spec.readyDeadlineMs / 1_000);
        throw new StackError(
          `${spec.name} was not ready after ${seconds} s (${messageOf(error)})${ADVICE}${lastLogLines(logFile)}`,
          { cause: error },
        );
      }
      await delay(PROBE_INTERVAL_MS);
    }
  }
}

/** Another process listens on a port of the program. */
class PortTaken extends StackError {}

/**
 * Checks that the program is alive and listens on its ports, so that it is the one that answers.
 *
 * @throws PortTaken when another process listens on one of them; Error when the program does not listen yet, or has exited.
 */
function requireListening({ spec, identity }: Running): void {
  if (identity === undefined || !isAlive(identity)) throw new Error('the process has exited');
  for (const need of spec.ports) {
    const holder = holderOfPort(need.port, identity.pid, need.host);
    if (holder.kind === 'none') throw new Error(`it does not listen on port ${need.port} yet`);
    if (holder.kind === 'foreign') throw new PortTaken(portInUse(need, holder.process));
  }
}

/** Returns the last lines of a log, indented, to append to a message. Returns an empty string without a log. */
export function lastLogLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    return `\nLast lines of ${logFile}:\n${lines.map((line) => `  ${line.slice(0, 400)}`).join('\n')}`;
  } catch {
    return '';
  }
}

const PidFile = ProcessIdentity.extend({ name: z.string(), stop: EndOptions, startedAt: z.number() });
type PidFile = Readonly<z.output<typeof PidFile>>;

function pidFile(runFolder: string, name: string): string {
  return join(runFolder, `${name}.json`);
}

function writePidFile(runFolder: string, spec: ProcessSpec, identity: ProcessIdentity): void {
  const content: PidFile = { ...identity, name: spec.name, stop: spec.stop ?? DEFAULT_STOP, startedAt: Date.now() };
  writeFileSync(pidFile(runFolder, spec.name), JSON.stringify(content));
}

/**
 * Stops the leftover processes of an earlier run that was killed. A process is stopped only when both its pid and its
 * start time match the record of that run. The caller holds the lock.
 *
 * @returns the names of the stopped processes.
 * @throws StackError when a process can't be stopped.
 */
export async function endLeftovers(folder: Pick<StateFolder, 'run'>): Promise<readonly string[]> {
  const files = readdirSync(folder.run).filter((file) => file.endsWith('.json'));
  const found = files.map((file) => readPidFile(join(folder.run, file))).filter((entry) => entry !== undefined);
  const stopped: string[] = [];
  for (const entry of found.toSorted((a, b) => b.startedAt - a.startedAt)) {
    if (!isAlive(entry)) continue;
    if (!(await endProcess(entry, entry.stop))) {
      throw new StackError(
        `${entry.name} (process ${entry.pid}) of an earlier run can't be stopped: ` +
          `run "kill -9 ${entry.pid}" and start again.`,
      );
    }
    stopped.push(entry.name);
  }
  for (const file of files) rmSync(join(folder.run, file), { force: true });
  return stopped;
}

/** Returns undefined for a file that a crash left half-written. Its process is then unknown. */
function readPidFile(path: string): PidFile | undefined {
  try {
    return PidFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
