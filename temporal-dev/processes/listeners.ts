import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from '../stack-error.ts';

/** A process that listens on a TCP port. */
export interface Listener {
  readonly pid: number;
  readonly command: string;
}

/**
 * The process that a client of a port reaches. `own`: it belongs to the given process group. `foreign`: it does not; the process
 * is undefined when the system does not tell it, because it belongs to another user. `unknown`: the system does not tell whether it
 * belongs to the group.
 */
export type PortHolder =
  | { readonly kind: 'own' | 'none' | 'unknown' }
  | { readonly kind: 'foreign'; readonly process: Listener | undefined };

/**
 * Returns who listens on a port of a loopback address. `group` is the id of a process group, which is the pid of its leader.
 *
 * @param host An IPv4 address. Default: 127.0.0.1.
 */
export function holderOfPort(port: number, group: number, host = '127.0.0.1'): PortHolder {
  return process.platform === 'linux' ? holderOnLinux(port, group, host) : holderFromLsof(port, group, host);
}

/** Returns a process that listens on the port at any address, or undefined when there is none or the system does not tell it. */
export function listenerOn(port: number): Listener | undefined {
  return process.platform === 'linux'
    ? findProcess(socketsOn(port).map(({ inode }) => inode))
    : lsof(port)?.find(({ pid }) => pid > 0);
}

interface Socket {
  readonly inode: string;
  /** The local address, as /proc/net has it. */
  readonly address: string;
}

/** The digits before an IPv4 address in /proc/net/tcp6. */
const IPV6_PREFIX = /^(?:0{24}|0{16}FFFF0000)(?=.{8}$)/;
const ALL_ADDRESSES = '00000000';
const LISTEN = '0A';

function holderOnLinux(port: number, group: number, host: string): PortHolder {
  const sockets = socketsOn(port);
  if (sockets.length === 0) return { kind: 'none' };
  const inodes = sockets.map(({ inode }) => inode);
  // The leader first: the scan of all processes is slow.
  if (hasSocket(group, inodes) || pidsOf(group).some((pid) => hasSocket(pid, inodes))) return { kind: 'own' };
  // In a container, root may not read the files of the user that runs Postgres.
  if (!isReadable(group)) return { kind: 'unknown' };
  const reached = new Set([hexOf(host), ALL_ADDRESSES]);
  const foreign = sockets.filter(({ address }) => reached.has(address.replace(IPV6_PREFIX, '')));
  return foreign.length === 0
    ? { kind: 'none' }
    : { kind: 'foreign', process: findProcess(foreign.map(({ inode }) => inode)) };
}

/** Returns an IPv4 address in the form of /proc/net: four bytes in the order of this machine, which is little-endian. */
function hexOf(host: string): string {
  const bytes = host.split('.').toReversed();
  return bytes
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/** Returns the sockets that listen on a port. */
function socketsOn(port: number): readonly Socket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    (read(file) ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port)
      .map(([, local = '', , , , , , , , inode = '']) => ({
        inode,
        address: local.split(':')[0] ?? '',
      })),
  );
}

function findProcess(inodes: readonly string[]): Listener | undefined {
  const pid = allPids().find((each) => hasSocket(each, inodes));
  return pid === undefined ? undefined : { pid, command: (read(`/proc/${pid}/comm`) ?? 'a process').trim() };
}

/** Returns false for a process of another user, whose files can't be read. */
function hasSocket(pid: number, inodes: readonly string[]): boolean {
  try {
    const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // it has exited, or belongs to another user
  }
}

function isReadable(pid: number): boolean {
  try {
    readdirSync(`/proc/${pid}/fd`);
    return true;
  } catch (error) {
    return systemCode(error) !== 'EACCES' && systemCode(error) !== 'EPERM';
  }
}

/** Returns the processes of a group. */
function pidsOf(group: number): readonly number[] {
  return allPids().filter((pid) => {
    const stat = read(`/proc/${pid}/stat`) ?? '';
    // The second field is the program name. It can contain spaces and parentheses, so split after the last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2] === String(group);
  });
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Returns an empty string for a file that the process has closed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function holderFromLsof(port: number, group: number, host: string): PortHolder {
  const found = lsof(port);
  if (found === undefined) return { kind: 'unknown' };
  if (found.some((each) => each.group === group)) return { kind: 'own' };
  const foreign = found.find(({ address }) => address.startsWith('*:') || address.startsWith(`${host}:`));
  return foreign === undefined ? { kind: 'none' } : { kind: 'foreign', process: foreign };
}

interface LsofListener extends Listener {
  readonly group: number;
  readonly address: string;
}

/** Returns undefined without lsof, which belongs to macOS. It lists no processes of other users. */
function lsof(port: number): readonly LsofListener[] | undefined {
  try {
    const args = ['-nP', '-g', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpgcn'];
    return listenersIn(
      execFileSync('lsof', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 2_000 }),
    );
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : []; // without a match, lsof exits with code 1
  }
}

/** Parses the output of `lsof -Fpgcn`: one field per line, whose first letter is its name, and the process before its files. */
export function listenersIn(output: string): readonly LsofListener[] {
  const found: LsofListener[] = [];
  let [pid, group, command] = [0, 0, ''];
  for (const line of output.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = Number(value);
    else if (line.startsWith('g')) group = Number(value);
    else if (line.startsWith('c')) command = value;
    else if (line.startsWith('n')) found.push({ pid, group, command, address: value });
  }
  return found;
}
