import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '../../stack-error.ts';
import { listMounts } from './mounts.ts';
import { NODE } from '../node-layout.ts';

/** The kernel frees a group some milliseconds after the last process in it. */
const REMOVE_DEADLINE_MS = 5_000;

/** The node's own group in each hierarchy: the only one in version 2, one per controller in version 1. */
function ownGroups(): readonly { readonly path: string; readonly parent: string; readonly version: 1 | 2 }[] {
  return listMounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path, type }) => ({ path: join(path, NODE.cgroup), parent: path, version: type === 'cgroup' ? 1 : 2 }));
}

/** Makes the group below which the kubelet puts all pods. */
export function ensureNodeCgroup(): void {
  for (const { path, parent, version } of ownGroups()) {
    if (version === 2) enableControllers(parent);
    mkdirSync(path, { recursive: true });
    // In version 1 a new group may use no processor and no memory node until it is told which.
    for (const file of ['cpuset.mems', 'cpuset.cpus']) {
      if (version === 1 && existsSync(join(path, file)))
        writeFileSync(join(path, file), readFileSync(join(parent, file)));
    }
  }
}

/** In version 2 a group has the controllers that its parent hands down. Where version 1 has them, there are none here. */
function enableControllers(parent: string): void {
  const available = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim();
  for (const controller of available.split(' ').filter((name) => name !== '')) {
    writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
  }
}

/** Folders of the node's groups in all hierarchies, children before their parents. */
export function listNodeCgroups(): readonly string[] {
  return ownGroups().flatMap(({ path }) => (existsSync(path) ? [...groupsBelow(path), path] : []));
}

/** Groups come and go while one looks: one that is gone has no children. */
function groupsBelow(folder: string): readonly string[] {
  const entries = orNone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  const children = entries.filter((entry) => entry.isDirectory());
  return children.flatMap((child) => [...groupsBelow(join(folder, child.name)), join(folder, child.name)]);
}

/** Processes of all pods. */
export function listPodProcesses(): readonly number[] {
  const pids = listNodeCgroups().flatMap((group) =>
    (orNone(() => readFileSync(join(group, 'cgroup.procs'), 'utf8')) ?? '').split('\n').filter((line) => line !== ''),
  );
  return [...new Set(pids.map(Number))];
}

function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // ENODEV: the group was removed after its file had been opened.
    if (['ENOENT', 'ENODEV'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Removes the node's groups. @throws Error when one still holds a process after some seconds. */
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
