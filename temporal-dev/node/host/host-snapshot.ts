import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { listNodeCgroups } from './cgroups.ts';
import { saveRules } from './firewall.ts';
import { readSettings } from './host-record.ts';
import { listMounts } from './mounts.ts';
import { listProcesses } from '../workloads.ts';

/** Everything that a node may leave on a machine: one line per item, grouped by kind. */
export type HostSnapshot = Readonly<Record<string, readonly string[]>>;

/** Folders of the machine that containers and CNI plugins write to. */
const SHARED_FOLDERS = [
  '/etc/cni',
  '/opt',
  '/run',
  '/run/containerd',
  '/run/containerd/s',
  '/run/netns',
  '/usr/libexec/kubernetes',
  '/var/lib',
  '/var/lib/cni',
  '/var/lib/cni/networks',
  '/var/lib/cni/results',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
];

/**
 * Lists everything that a node can change. Lists only the processes and mounts that a node of `stateDir` can have
 * created, because other processes and mounts change all the time.
 */
export async function snapshotHost(stateDir: string): Promise<HostSnapshot> {
  return {
    mounts: listMounts()
      .filter(({ path }) => [stateDir, ...SHARED_FOLDERS].some((folder) => path.startsWith(`${folder}/`)))
      .map(({ path, type }) => `${path} (${type})`),
    interfaces: readdirSync('/sys/class/net'),
    addresses: Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ cidr, address }) => `${name} ${cidr ?? address}`),
    ),
    routes: readFileSync('/proc/net/route', 'utf8').trimEnd().split('\n'),
    rules: [...rulesOf(await saveRules('iptables'), 'v4'), ...rulesOf(await saveRules('ip6tables'), 'v6')],
    settings: Object.entries(readSettings()).map(([name, value]) => `${name}=${value}`),
    cgroups: listNodeCgroups(),
    processes: listProcesses()
      .filter(({ args }) => args.some((argument) => argument.includes(stateDir)))
      .map(({ pid, args }) => `${pid} ${args.join(' ')}`),
    files: SHARED_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
      readdirSync(folder).map((name) => join(folder, name)),
    ),
  };
}

/** Skips counters and built-in chains, which a node does not create. */
function rulesOf(saved: string, family: string): readonly string[] {
  let table = '';
  return saved.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1);
    const chain = /^:(\S+) (\S+)/.exec(line);
    if (chain !== null) return chain[2] === '-' ? [`${family} ${table} chain ${chain[1]}`] : [];
    return line.startsWith('-A') ? [`${family} ${table} ${line}`] : [];
  });
}

/** Returns the lines of `after` that are not in `before`, grouped by kind. Omits kinds without new lines. */
export function addedSince(before: HostSnapshot, after: HostSnapshot): HostSnapshot {
  const added = Object.entries(after).map(([kind, lines]): [string, readonly string[]] => {
    const previous = new Set(before[kind]);
    return [kind, lines.filter((line) => !previous.has(line))];
  });
  return Object.fromEntries(added.filter(([, lines]) => lines.length > 0));
}
