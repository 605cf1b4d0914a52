import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from '../../temporal-dev/node/node-layout.ts';

/** Where the kernel keeps groups of processes: the new hierarchy, or the parts of the old one. */
const MEMORY = [
  { folder: '/sys/fs/cgroup/memory', usage: 'memory.usage_in_bytes', idle: 'total_inactive_file' },
  { folder: '/sys/fs/cgroup', usage: 'memory.current', idle: 'inactive_file' },
] as const;
const PROCESSOR = [
  { folder: '/sys/fs/cgroup/cpuacct', file: 'cpuacct.usage', pattern: /^(\d+)/, perSecond: 1e9 },
  { folder: '/sys/fs/cgroup/cpu,cpuacct', file: 'cpuacct.usage', pattern: /^(\d+)/, perSecond: 1e9 },
  { folder: '/sys/fs/cgroup', file: 'cpu.stat', pattern: /^usage_usec (\d+)/m, perSecond: 1e6 },
] as const;

/** Guaranteed pods are above the others. */
const QUALITIES_OF_SERVICE = ['.', 'burstable', 'besteffort'] as const;

/** Working set of a pod as the kubelet counts it: in use, less what was read from files and not touched lately. */
export function podMemoryBytes(podUid: string): number {
  for (const { folder, usage, idle } of MEMORY) {
    const group = groupOf(folder, podUid);
    if (group === undefined) continue;
    const stat = readFileSync(join(group, 'memory.stat'), 'utf8');
    const unused = Number(new RegExp(`^${idle} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
    return Number(readFileSync(join(group, usage), 'utf8')) - unused;
  }
  throw new Error(`pod ${podUid} has no group of processes on this machine`);
}

/** Processor time that a pod has used since it started. */
export function podCpuSeconds(podUid: string): number {
  for (const { folder, file, pattern, perSecond } of PROCESSOR) {
    const group = groupOf(folder, podUid);
    if (group === undefined) continue;
    return Number(pattern.exec(readFileSync(join(group, file), 'utf8'))?.[1] ?? 0) / perSecond;
  }
  throw new Error(`pod ${podUid} has no group of processes on this machine`);
}

/**
 * Looked for where the kubelet puts it and not by listing: a list fails as a whole when another pod's group goes meanwhile, as
 * cron's do.
 */
function groupOf(hierarchy: string, podUid: string): string | undefined {
  const pods = join(hierarchy, NODE.cgroup, 'kubepods');
  return QUALITIES_OF_SERVICE.map((quality) => join(pods, quality, `pod${podUid}`)).find((group) => existsSync(group));
}
