import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sendSignal } from '../processes/process-identity.ts';
import { StackError } from '../stack-error.ts';
import { listPodProcesses } from './host/cgroups.ts';
import type { NodeLayout } from './node-layout.ts';

/** A database closes its files in this time; pods get 30 s when Kubernetes ends them, but nobody waits at a terminal. */
const GRACE_MS = 10_000;
const KILL_DEADLINE_MS = 5_000;

/**
 * Ends all containers: asks the first process of each, waits, then kills. The kubelet must be gone, or it starts them again.
 * The records in the cluster stay, so that a later start brings the pods back.
 */
export async function stopContainers(layout: NodeLayout): Promise<void> {
  const sockets = shimSockets(layout);
  for (const pid of firstProcesses(layout)) sendSignal(pid, 'SIGTERM');
  await waitUntilNone(listPodProcesses, GRACE_MS);
  await killContainers(layout);
  for (const socket of sockets) rmSync(socket, { force: true });
}

/** Ends containers and their shims at once. @throws StackError when a process can't be ended. */
export async function killContainers(layout: NodeLayout): Promise<void> {
  const sockets = shimSockets(layout);
  const remaining = (): readonly number[] => [...listPodProcesses(), ...listShims(layout)];
  for (const pid of remaining()) sendSignal(pid, 'SIGKILL');
  // A shim may have been starting a container just now, hence the second look.
  for (const pid of listPodProcesses()) sendSignal(pid, 'SIGKILL');
  if (!(await waitUntilNone(remaining, KILL_DEADLINE_MS))) {
    throw new StackError(`Processes of pods can't be ended: ${remaining().join(', ')}.`);
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

/** Folder in which containerd keeps what it needs to find a running container again; one folder each. */
function bundles(layout: NodeLayout): readonly string[] {
  const tasks = join(layout.containerdState, 'containerd', 'io.containerd.runtime.v2.task', 'k8s.io');
  return readFolder(tasks).map((name) => join(tasks, name));
}

function firstProcesses(layout: NodeLayout): readonly number[] {
  const podProcesses = new Set(listPodProcesses());
  const pids = bundles(layout).map((bundle) => Number(readOrEmpty(join(bundle, 'init.pid'))));
  // The file outlives its process, whose number may belong to somebody else by now.
  return pids.filter((pid) => podProcesses.has(pid));
}

/** Processes that stand between containerd and a container; they outlive containerd on purpose. */
function listShims(layout: NodeLayout): readonly number[] {
  return listProcesses()
    .filter(
      ({ args }) => basename(args[0] ?? '').startsWith('containerd-shim') && args.includes(layout.containerdSocket),
    )
    .map(({ pid }) => pid);
}

/** All processes of the machine with their arguments; kernel threads have none. */
export function listProcesses(): readonly { readonly pid: number; readonly args: readonly string[] }[] {
  return readFolder('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: readOrEmpty(`/proc/${name}/cmdline`).split('\0').slice(0, -1) }));
}

/**
 * Sockets of the shims, in a folder that all containerds of a machine share. A killed shim leaves its socket behind, and
 * containerd forgets it at once: so they are looked up before.
 */
function shimSockets(layout: NodeLayout): readonly string[] {
  return bundles(layout)
    .map((bundle) => readOrEmpty(join(bundle, 'address')).replace(/^unix:\/\//, ''))
    .filter((address) => address.startsWith('/run/containerd/s/'));
}

/** Names in a folder; none where there is no such folder. */
export function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A file's text; empty where there is no such file. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
