import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { NodeLayout } from '../node-layout.ts';

/** Kernel settings that the kubelet, kube-proxy or this node change. */
const SETTINGS = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/route_localnet',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
] as const;

/** Folders that the programs create at fixed paths, which no option changes. Parents come before children. */
const FIXED_FOLDERS = [
  '/run/containerd',
  '/run/containerd/s',
  '/var/lib/cni',
  '/var/lib/cni/results',
  '/var/lib/kubelet',
  '/var/lib/kubelet/device-plugins',
  '/var/log/containers',
] as const;

const HostRecord = z.object({
  settings: z.record(z.string(), z.string()),
  absentFolders: z.array(z.string()),
});
export type HostRecord = z.output<typeof HostRecord>;

/** Records the state of the machine before the first change. Does nothing when a record exists. */
export function recordHost(layout: NodeLayout): void {
  if (existsSync(layout.hostRecord)) return;
  const record: HostRecord = {
    settings: readSettings(),
    absentFolders: FIXED_FOLDERS.filter((folder) => !existsSync(folder)),
  };
  mkdirSync(dirname(layout.hostRecord), { recursive: true });
  writeFileSync(layout.hostRecord, JSON.stringify(record, undefined, 2));
}

export function hasHostRecord(layout: NodeLayout): boolean {
  return existsSync(layout.hostRecord);
}

/** Returns the current kernel settings. */
export function readSettings(): Record<string, string> {
  const present = SETTINGS.filter((name) => existsSync(`/proc/sys/${name}`));
  return Object.fromEntries(present.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]));
}

/** Allows this machine to forward packets between pods and applies the Service rules to bridged packets. */
export function enableForwarding(): void {
  for (const name of ['net/ipv4/ip_forward', 'net/bridge/bridge-nf-call-iptables']) {
    if (existsSync(`/proc/sys/${name}`)) writeFileSync(`/proc/sys/${name}`, '1');
  }
}

/** Restores the kernel settings and the fixed folders, then deletes the record. */
export function restoreHost(layout: NodeLayout): void {
  const record = HostRecord.parse(JSON.parse(readFileSync(layout.hostRecord, 'utf8')));
  const now = readSettings();
  for (const [name, value] of Object.entries(record.settings)) {
    if (now[name] !== undefined && now[name] !== value) writeFileSync(`/proc/sys/${name}`, value);
  }
  removeLogLinks(layout);
  if (record.absentFolders.includes('/var/lib/kubelet/device-plugins')) {
    rmSync('/var/lib/kubelet/device-plugins', { recursive: true, force: true });
  }
  for (const folder of record.absentFolders.toReversed()) removeIfEmpty(folder);
  rmSync(layout.hostRecord);
}

/** Removes the links to container logs that the kubelet creates in a shared folder of the machine. */
function removeLogLinks(layout: NodeLayout): void {
  const folder = '/var/log/containers';
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const link = join(folder, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${layout.podLogs}/`)) rmSync(link);
  }
}

/** Keeps a folder that another program has started to use. */
function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
