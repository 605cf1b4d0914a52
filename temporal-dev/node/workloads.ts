import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sendSignal } from '../processes/process-identity.ts';
import { StackError } from '../stack-error.ts';
import { listPodProcesses } from './host/cgroups.ts';
import type { NodeLayout } from './node-layout.ts';

/**
 * Enough for a database to close its files. Kubernetes gives a pod 30 s, but a user waits for this stop at a terminal.
 */
const GRACE_MS = 10_000;
const KILL_DEADLINE_MS = 5_000;

/**
 * Stops all containers: sends SIGTERM to the first process of each container, waits, then kills. The kubelet must be
 * stopped before, or it restarts them. The cluster objects stay, so that the pods run again after the next start.
 */
export async function stopContainers(layout: NodeLayout): Promise<void> {
  const sockets = shimSockets(layout);
  for (const pid of firstProcesses(layout)) sendSignal(pid, 'SIGTERM');
  await waitUntilNone(listPodProcesses, GRACE_MS);
  await killContainers(layout);
  for (const socket of sockets) rmSync(socket, { force: true });
}

/** Kills containers and their shims immediately. @throws StackError when a process can't be killed. */
export async function killContainers(layout: NodeLayout): Promise<void> {
  const sockets = shimSockets(layout);
  const remaining = (): readonly number[] => [...listPodProcesses(), ...listShims(layout)];
  for (const pid of remaining()) sendSignal(pid, 'SIGKILL');
  // A shim may have started another container in between, so list the processes again.
  for (const pid of listPodProcesses()) sendSignal(pid, 'SIGKILL');
  if (!(await waitUntilNone(remaining, KILL_DEADLINE_MS))) {
    throw new StackError(
      `These processes of pods can't be killed: ${remaining().join(', ')}. Stop them by hand and start again.`,
    );
  }
  for (const socket of sockets) rmSync(socket, { force: true });
}

async function waitUntilNone(list: () => readonly number[], deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (list().length > 0) {
    if (Date.now() >= deadline) return false;
    await delay(50);
  }
  return true;
}

/** Returns the bundle folders of containerd: one per running container. */
function bundles(layout: NodeLayout): readonly string[] {
  const tasks = join(layout.containerdState, 'containerd', 'io.containerd.runtime.v2.task', 'k8s.io');
  return readFolder(tasks).map((name) => join(tasks, name));
}

function firstProcesses(layout: NodeLayout): readonly number[] {
  const podProcesses = new Set(listPodProcesses());
  const pids = bundles(layout).map((bundle) => Number(readOrEmpty(join(bundle, 'init.pid'))));
  // The file outlives its process, and another process may have the same pid now.
  return pids.filter((pid) => podProcesses.has(pid));
}

/** Returns the shims, the processes between containerd and a container. They outlive containerd by design. */
function listShims(layout: NodeLayout): readonly number[] {
  return listProcesses()
    .filter(
      ({ args }) => basename(args[0] ?? '').startsWith('containerd-shim') && args.includes(layout.containerdSocket),
    )
    .map(({ pid }) => pid);
}

/** Returns all processes of the machine with their arguments. Kernel threads have no arguments. */
export function listProcesses(): readonly { readonly pid: number; readonly args: readonly string[] }[] {
  return readFolder('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: readOrEmpty(`/proc/${name}/cmdline`).split('\0').slice(0, -1) }));
}

/**
 * Returns the sockets of the shims. All containerds of a machine share their folder. A killed shim leaves its socket
 * behind, but containerd drops the record of it, so callers list the sockets before they kill the shims.
 */
function shimSockets(layout: NodeLayout): readonly string[] {
  return bundles(layout)
    .map((bundle) => readOrEmpty(join(bundle, 'address')).replace(/^unix:\/\//, ''))
    .filter((address) => address.startsWith('/run/containerd/s/'));
}

/** Returns the names in a folder, or an empty list when the folder can't be read. */
export function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Returns the text of a file, or an empty string when the file can't be read. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
