import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '../../stack-error.ts';
import { listMounts } from './mounts.ts';
import { NODE } from '../node-layout.ts';

/** The kernel frees a cgroup some milliseconds after its last process has exited. */
const REMOVE_DEADLINE_MS = 5_000;

/** Returns the node's cgroup in each hierarchy: one in version 2, one per controller in version 1. */
function nodeCgroups(): readonly { readonly path: string; readonly parent: string; readonly version: 1 | 2 }[] {
  return listMounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path, type }) => ({ path: join(path, NODE.cgroup), parent: path, version: type === 'cgroup' ? 1 : 2 }));
}

/** Creates the parent cgroup of all pods. */
export function ensureNodeCgroup(): void {
  for (const { path, parent, version } of nodeCgroups()) {
    if (version === 2) enableControllers(parent);
    mkdirSync(path, { recursive: true });
    // In version 1 a new cpuset cgroup has no CPUs and no memory nodes until both files are written.
    for (const file of ['cpuset.mems', 'cpuset.cpus']) {
      if (version === 1 && existsSync(join(path, file)))
        writeFileSync(join(path, file), readFileSync(join(parent, file)));
    }
  }
}

/**
 * In version 2 a cgroup has only the controllers that its parent enables. The list is empty on hosts with version 1.
 */
function enableControllers(parent: string): void {
  const available = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim();
  for (const controller of available.split(' ').filter((name) => name !== '')) {
    writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
  }
}

/** Returns the folders of the node's cgroups in all hierarchies, children before parents. */
export function listNodeCgroups(): readonly string[] {
  return nodeCgroups().flatMap(({ path }) => (existsSync(path) ? [...cgroupsBelow(path), path] : []));
}

/** A cgroup that disappears while this function reads it counts as having no children. */
function cgroupsBelow(folder: string): readonly string[] {
  const entries = undefinedIfGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  const children = entries.filter((entry) => entry.isDirectory());
  return children.flatMap((child) => [...cgroupsBelow(join(folder, child.name)), join(folder, child.name)]);
}

/** Returns the pids of the processes of all pods. */
export function listPodProcesses(): readonly number[] {
  const pids = listNodeCgroups().flatMap((group) =>
    (undefinedIfGone(() => readFileSync(join(group, 'cgroup.procs'), 'utf8')) ?? '')
      .split('\n')
      .filter((line) => line !== ''),
  );
  return [...new Set(pids.map(Number))];
}

function undefinedIfGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // ENODEV: the cgroup was removed after its file was opened.
    if (['ENOENT', 'ENODEV'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Removes the node's cgroups. @throws Error when a cgroup still has a process after 5 s. */
export async function removeNodeCgroups(): Promise<void> {
  const deadline = Date.now() + REMOVE_DEADLINE_MS;
  for (;;) {
    try {
      for (const group of listNodeCgroups()) rmdirSync(group);
      return;
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await delay(50);
    }
  }
}
