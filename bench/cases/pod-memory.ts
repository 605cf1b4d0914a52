import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from '../../temporal-dev/node/node-layout.ts';

/** Where the kernel keeps groups of processes: the new hierarchy, or the memory part of the old one. */
const ROOTS = [
  { folder: '/sys/fs/cgroup/memory', usage: 'memory.usage_in_bytes', idle: 'total_inactive_file' },
  { folder: '/sys/fs/cgroup', usage: 'memory.current', idle: 'inactive_file' },
] as const;

/** Working set of a pod as the kubelet counts it: in use, less what was read from files and not touched lately. */
export function podMemoryBytes(podUid: string): number {
  for (const { folder, usage, idle } of ROOTS) {
    const pods = podFolders(join(folder, NODE.cgroup)).find((path) => path.endsWith(`pod${podUid}`));
    if (pods === undefined) continue;
    const stat = readFileSync(join(pods, 'memory.stat'), 'utf8');
    const unused = Number(new RegExp(`^${idle} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
    return Number(readFileSync(join(pods, usage), 'utf8')) - unused;
  }
  throw new Error(`pod ${podUid} has no group of processes on this machine`);
}

function podFolders(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => join(root, path));
  } catch {
    return [];
  }
}
