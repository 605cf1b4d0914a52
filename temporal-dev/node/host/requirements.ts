import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import which from 'which';
import { StackError } from '../../stack-error.ts';
import { adminPath } from './host-command.ts';

/** The programs of the operating system that the node needs. */
export interface HostPrograms {
  readonly containerd: string;
  readonly ctr: string;
  readonly busybox: string;
  /** Folder of the CNI plugins. */
  readonly cniPlugins: string;
}

const PROGRAMS = ['containerd', 'ctr', 'runc', 'iptables', 'iptables-save', 'iptables-restore', 'ip', 'umount'];
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback'];
const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** The command that installs all programs, by distribution family. */
const INSTALL_COMMANDS: Readonly<Record<string, string>> = {
  debian:
    'apt-get update && apt-get install -y --no-install-recommends containerd runc containernetworking-plugins iptables iproute2 busybox-static',
  fedora: 'dnf install -y containerd runc containernetworking-plugins iptables-nft iproute busybox',
  arch: 'pacman -S --needed containerd runc cni-plugins iptables-nft iproute2 busybox',
};

/** The operations that a node needs, in temporary namespaces. Root in a container may lack the permission for them. */
const TRIAL = 'mount -t tmpfs none /mnt && ip link add store-platform type bridge && iptables -t nat -S > /dev/null';
const TRIAL_TIMEOUT_MS = 30_000;

/** @throws StackError that says which program or permission this machine lacks, and what to do. */
export function requireNodeMachine(): void {
  findHostPrograms();
  const trial = execaSync('unshare', ['--net', '--mount', '--', 'sh', '-ec', TRIAL], {
    reject: false,
    env: { PATH: adminPath() },
    timeout: TRIAL_TIMEOUT_MS,
  });
  if (!trial.failed) return;
  const reason = trial.stderr.trim().split('\n').at(-1) || trial.shortMessage;
  throw new StackError(
    `This machine does not allow the mounts, network bridges and firewall rules that a real node needs (${reason}): ` +
      'use a machine that is not a container, or use simulated nodes.',
  );
}

/** Returns the reason why this machine can't run a node, or undefined when it can. */
export function nodeMachineProblem(): string | undefined {
  try {
    requireNodeMachine();
    return undefined;
  } catch (error) {
    if (error instanceof StackError) return error.message;
    throw error;
  }
}

function nodeObstacle(): string | undefined {
  if (process.platform !== 'linux') {
    return 'A real node needs Linux: use simulated nodes, or set KUBE_CONTEXT to use an external cluster.';
  }
  if (process.getuid?.() !== 0) {
    return 'A real node needs root for containers and their network: run the command with sudo, or use simulated nodes.';
  }
  return undefined;
}

/**
 * Finds the programs of the operating system that the node needs.
 *
 * @throws StackError that lists the missing programs and the command that installs them.
 */
export function findHostPrograms(): HostPrograms {
  const obstacle = nodeObstacle();
  if (obstacle !== undefined) throw new StackError(obstacle);
  const found = new Map(PROGRAMS.map((name) => [name, which.sync(name, { path: adminPath(), nothrow: true })]));
  const busybox = staticBusybox();
  const cniPlugins = CNI_FOLDERS.find((folder) => CNI_PLUGINS.every((plugin) => isExecutable(join(folder, plugin))));
  const containerd = found.get('containerd');
  const ctr = found.get('ctr');
  const missing = PROGRAMS.filter((name) => found.get(name) === null);
  if (busybox === undefined) missing.push('busybox (statically linked)');
  if (cniPlugins === undefined) missing.push(`CNI plugins (${CNI_PLUGINS.join(', ')})`);
  if (missing.length > 0 || !containerd || !ctr || busybox === undefined || cniPlugins === undefined) {
    throw new StackError(
      `A real node needs programs that this machine does not have: ${missing.join(', ')}. ${installAdvice()}`,
    );
  }
  return { containerd, ctr, busybox, cniPlugins };
}

function installAdvice(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const ids = [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) => match[1]?.split(' ') ?? []);
  const command = ids.map((id) => INSTALL_COMMANDS[id]).find((candidate) => candidate !== undefined);
  return command === undefined
    ? 'Install them with the package manager of this system and start again.'
    : `Install them and start again:\n  ${command}`;
}

/** The sandbox image contains only busybox, so busybox must not need shared libraries. */
function staticBusybox(): string | undefined {
  const candidates = which.sync('busybox', { path: adminPath(), nothrow: true, all: true }) ?? [];
  return candidates.find((path) => isStaticElf(readFileSync(path)));
}

/**
 * Returns true for a 64-bit ELF program without an interpreter (program header type 3), which needs no dynamic linker.
 */
function isStaticElf(program: Buffer): boolean {
  if (program.length < 64 || program.readUInt32BE(0) !== 0x7f454c46 || program[4] !== 2) return false;
  const tableOffset = Number(program.readBigUInt64LE(32));
  const entrySize = program.readUInt16LE(54);
  const types = Array.from({ length: program.readUInt16LE(56) }, (_, index) =>
    program.readUInt32LE(tableOffset + index * entrySize),
  );
  return !types.includes(3);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
