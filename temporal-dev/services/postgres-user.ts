import { execFileSync, spawnSync } from 'node:child_process';
import { StackError } from '../stack-error.ts';

/** As whom Postgres runs. It refuses to run as root, so root runs it as somebody else. */
export interface RunAs {
  /** Undefined: as ourselves. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** The owner can't reach the files by itself, e.g. in a clone below /root, and needs the right to pass every folder. */
  readonly needsPassage: boolean;
}

/** Users that may run Postgres for root, best first. Nobody is everywhere: no user has to be created. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Decides as whom Postgres runs, and whether that user reaches `paths`.
 *
 * @throws StackError when there is no way.
 */
export function runAsFor(paths: readonly string[]): RunAs {
  if (process.getuid?.() !== 0) return { owner: undefined, needsPassage: false };
  const owner = CANDIDATES.map(lookUp).find((found) => found !== undefined);
  if (owner === undefined) {
    throw new StackError(
      'Postgres does not run as root and there is no user "postgres" or "nobody": start as another user, or give DATABASE_URL.',
    );
  }
  if (paths.every((path) => reaches(owner, path))) return { owner, needsPassage: false };
  if (hasSetpriv()) return { owner, needsPassage: true };
  throw new StackError(
    `Postgres does not run as root, and the user with id ${owner.uid} can't reach ${paths.join(' or ')}: move to a folder that ` +
      'all may enter, start as another user, or give DATABASE_URL.',
  );
}

/** The command line that runs a Postgres program as decided. */
export function accessAs(
  runAs: RunAs,
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[]; readonly owner?: { uid: number; gid: number } } {
  if (runAs.owner === undefined) return { command, args };
  const { uid, gid } = runAs.owner;
  if (!runAs.needsPassage) return { command, args, owner: { uid, gid } };
  const passage = '+dac_override,+dac_read_search';
  const setpriv = [
    '--reuid',
    String(uid),
    '--regid',
    String(gid),
    '--clear-groups',
    '--inh-caps',
    passage,
    '--ambient-caps',
    passage,
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

function reaches(owner: { readonly uid: number; readonly gid: number }, path: string): boolean {
  return spawnSync('test', ['-r', path, '-a', '-x', path], { ...owner, cwd: '/', stdio: 'ignore' }).status === 0;
}

function hasSetpriv(): boolean {
  return spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
}
