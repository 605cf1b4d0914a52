import { execFileSync, spawnSync } from 'node:child_process';
import { StackError } from '../stack-error.ts';

/** The user that runs Postgres. Postgres refuses to run as root, so root starts it as another user. */
export interface RunAs {
  /** Undefined: the user of this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /**
   * True when the owner can't read the files, for example in a clone below /root. It then gets the capability to do so.
   */
  readonly needsFileCapabilities: boolean;
}

/**
 * Users that can run Postgres for root, in order of preference. `nobody` exists on every system, so no user is created.
 */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Chooses the user that runs Postgres and checks whether that user can read `paths`.
 *
 * @throws StackError when no user of this machine can run Postgres.
 */
export function runAsFor(paths: readonly string[]): RunAs {
  if (process.getuid?.() !== 0) return { owner: undefined, needsFileCapabilities: false };
  const owner = CANDIDATES.map(lookUp).find((found) => found !== undefined);
  if (owner === undefined) {
    throw new StackError(
      'Postgres refuses to run as root, and this machine has no user `postgres` or `nobody`: start the stack as another ' +
        'user, or set DATABASE_URL to an external Postgres.',
    );
  }
  if (paths.every((path) => canRead(owner, path))) return { owner, needsFileCapabilities: false };
  if (hasSetpriv()) return { owner, needsFileCapabilities: true };
  throw new StackError(
    `Postgres refuses to run as root, and the user with id ${owner.uid} can't read ${paths.join(' or ')}: move the ` +
      'repository to a folder that every user can enter, start the stack as another user, or set DATABASE_URL to an ' +
      'external Postgres.',
  );
}

/** Returns the command line that runs a Postgres program as the chosen user. */
export function accessAs(
  runAs: RunAs,
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[]; readonly owner?: { uid: number; gid: number } } {
  if (runAs.owner === undefined) return { command, args };
  const { uid, gid } = runAs.owner;
  if (!runAs.needsFileCapabilities) return { command, args, owner: { uid, gid } };
  const capabilities = '+dac_override,+dac_read_search';
  const setpriv = [
    '--reuid',
    String(uid),
    '--regid',
    String(gid),
    '--clear-groups',
    '--inh-caps',
    capabilities,
    '--ambient-caps',
    capabilities,
  ];
  return { command: 'setpriv', args: [...setpriv, command, ...args] };
}

function lookUp(user: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function canRead(owner: { readonly uid: number; readonly gid: number }, path: string): boolean {
  return spawnSync('test', ['-r', path, '-a', '-x', path], { ...owner, cwd: '/', stdio: 'ignore' }).status === 0;
}

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
}
