import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** Identifies a process. Unlike a pid alone, it never matches a later process that got the same pid. */
export const ProcessIdentity = z.object({
  pid: z.int().min(2),
  /** Start time of the process as the operating system prints it. It is compared, never parsed. */
  birth: z.string().min(1),
});
export type ProcessIdentity = Readonly<z.output<typeof ProcessIdentity>>;

/**
 * Returns the identity of the process that has `pid` now, or undefined when there is none. A zombie counts as none: it
 * has exited, and only its entry in the process table is left.
 */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const birth = process.platform === 'linux' ? birthOnLinux(pid) : birthFromPs(pid);
  return birth === undefined ? undefined : { pid, birth };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.birth === identity.birth;
}

function birthOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program name. It can contain spaces and parentheses, so split after the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${bootId}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function birthFromPs(pid: number): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    if (output === '' || output.startsWith('Z')) return undefined;
    return output.slice(output.indexOf(' ')).trim();
  } catch {
    return undefined;
  }
}

/** How a process is stopped. */
export const EndOptions = z.object({
  signal: z.custom<NodeJS.Signals>((value) => typeof value === 'string' && value in constants.signals),
  /** Milliseconds between the signal and SIGKILL. */
  graceMs: z.number().min(0),
});
export type EndOptions = Readonly<z.output<typeof EndOptions>>;

/**
 * A killed process leaves the process table within milliseconds, unless the kernel blocks it, for example on a dead
 * disk.
 */
const KILL_DEADLINE_MS = 5_000;

/**
 * Stops a process: sends the signal, waits, then kills the process and the rest of the process group that it leads.
 *
 * @returns true when the process has exited.
 */
export async function endProcess(identity: ProcessIdentity, { signal, graceMs }: EndOptions): Promise<boolean> {
  if (isAlive(identity)) {
    sendSignal(identity.pid, signal);
    await waitForExit(identity, graceMs);
  }
  if (isAlive(identity)) sendSignal(identity.pid, 'SIGKILL');
  const exited = await waitForExit(identity, KILL_DEADLINE_MS);
  sendSignal(-identity.pid, 'SIGKILL');
  return exited;
}

async function waitForExit(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (isAlive(identity)) {
    if (Date.now() >= deadline) return false;
    await delay(20);
  }
  return true;
}

/** Sends a signal to a process, or to a process group when `target` is negative. Ignores every error. */
export function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // The process has exited or belongs to another user. Callers check afterwards whether it is alive.
  }
}
