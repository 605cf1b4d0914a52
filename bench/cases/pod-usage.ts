import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from '../../temporal-dev/node/node-layout.ts';

/** Files of cgroup v1 and cgroup v2. */
const MEMORY = [
  { folder: '/sys/fs/cgroup/memory', usage: 'memory.usage_in_bytes', inactiveFile: 'total_inactive_file' },
  { folder: '/sys/fs/cgroup', usage: 'memory.current', inactiveFile: 'inactive_file' },
] as const;
const CPU = [
  { folder: '/sys/fs/cgroup/cpuacct', file: 'cpuacct.usage', pattern: /^(\d+)/, perSecond: 1e9 },
  { folder: '/sys/fs/cgroup/cpu,cpuacct', file: 'cpuacct.usage', pattern: /^(\d+)/, perSecond: 1e9 },
  { folder: '/sys/fs/cgroup', file: 'cpu.stat', pattern: /^usage_usec (\d+)/m, perSecond: 1e6 },
] as const;

/** Folders of the QoS classes. Pods of the class Guaranteed are at the top level. */
const QOS_FOLDERS = ['.', 'burstable', 'besteffort'] as const;

/**
 * Returns the working set of a pod in bytes, as the kubelet computes it: usage minus inactive file cache.
 *
 * @throws Error when the pod has no cgroup on this machine.
 */
export function podMemoryBytes(podUid: string): number {
  for (const { folder, usage, inactiveFile } of MEMORY) {
    const cgroup = cgroupOf(folder, podUid);
    if (cgroup === undefined) continue;
    const stat = readFileSync(join(cgroup, 'memory.stat'), 'utf8');
    const inactive = Number(new RegExp(`^${inactiveFile} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
    return Number(readFileSync(join(cgroup, usage), 'utf8')) - inactive;
  }
  throw new Error(`pod ${podUid} has no cgroup on this machine`);
}

/** Returns the CPU seconds that a pod has used since its start. @throws Error when the pod has no cgroup on this machine. */
export function podCpuSeconds(podUid: string): number {
  for (const { folder, file, pattern, perSecond } of CPU) {
    const cgroup = cgroupOf(folder, podUid);
    if (cgroup === undefined) continue;
    return Number(pattern.exec(readFileSync(join(cgroup, file), 'utf8'))?.[1] ?? 0) / perSecond;
  }
  throw new Error(`pod ${podUid} has no cgroup on this machine`);
}

/**
 * Returns the cgroup folder of a pod, or undefined. Tests each possible path instead of listing the folders, because a listing
 * fails when the cgroup of another pod (for example, of a Job) disappears at the same time.
 */
function cgroupOf(hierarchy: string, podUid: string): string | undefined {
  const pods = join(hierarchy, NODE.cgroup, 'kubepods');
  return QOS_FOLDERS.map((qos) => join(pods, qos, `pod${podUid}`)).find((cgroup) => existsSync(cgroup));
}
