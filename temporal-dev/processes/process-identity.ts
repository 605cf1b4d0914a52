import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** A process that is told from a later one with the same pid. */
export const ProcessIdentity = z.object({
  pid: z.int().min(2),
  /** When the process was born, in words of the operating system: compared, never parsed. */
  birth: z.string().min(1),
});
export type ProcessIdentity = Readonly<z.output<typeof ProcessIdentity>>;

/**
 * The identity of the process that has `pid` now, or undefined when there is none. A zombie counts as none: it has ended and
 * only waits for its parent.
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
    // The second field is the program's name and may hold spaces and parentheses: count from the last one.
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

/** How a process is asked to end. */
export const EndOptions = z.object({
  signal: z.custom<NodeJS.Signals>((value) => typeof value === 'string' && value in constants.signals),
  /** How long it may take before it is killed. */
  graceMs: z.number().min(0),
});
export type EndOptions = Readonly<z.output<typeof EndOptions>>;

/** A killed process leaves the process table within milliseconds; longer means that the kernel holds it (dead disk). */
const KILL_DEADLINE_MS = 5_000;

/**
 * Ends a process: asks with a signal, waits, then kills it and whatever is left of the process group that it leads.
 *
 * @returns whether it is gone now.
 */
export async function endProcess(identity: ProcessIdentity, { signal, graceMs }: EndOptions): Promise<boolean> {
  if (isAlive(identity)) {
    sendSignal(identity.pid, signal);
    await waitUntilGone(identity, graceMs);
  }
  if (isAlive(identity)) sendSignal(identity.pid, 'SIGKILL');
  const gone = await waitUntilGone(identity, KILL_DEADLINE_MS);
  sendSignal(-identity.pid, 'SIGKILL');
  return gone;
}

async function waitUntilGone(identity: ProcessIdentity, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (isAlive(identity)) {
    if (Date.now() >= deadline) return false;
    await delay(20);
  }
  return true;
}

/** Sends a signal to a process, or to a process group when `target` is negative; one that is gone already is fine. */
export function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone, or not ours: the caller looks at what is left, not at this call.
  }
}
