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

/** Kernel settings that the kubelet, kube-proxy or we change. */
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

/** Folders that the programs make at fixed places, whatever they are told; parents before children. */
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

/** Writes down how the machine is, before it is changed for the first time. */
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

/** The kernel settings as they are now. */
export function readSettings(): Record<string, string> {
  const present = SETTINGS.filter((name) => existsSync(`/proc/sys/${name}`));
  return Object.fromEntries(present.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]));
}

/** Lets this machine pass packets between pods and through the rules of Services. */
export function enableForwarding(): void {
  for (const name of ['net/ipv4/ip_forward', 'net/bridge/bridge-nf-call-iptables']) {
    if (existsSync(`/proc/sys/${name}`)) writeFileSync(`/proc/sys/${name}`, '1');
  }
}

/** Puts kernel settings and fixed folders back as they were, and forgets the record. */
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

/** The kubelet links the logs of all containers into one folder of the machine. */
function removeLogLinks(layout: NodeLayout): void {
  const folder = '/var/log/containers';
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const link = join(folder, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${layout.podLogs}/`)) rmSync(link);
  }
}

/** Somebody else may have come to use the folder since. */
function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
