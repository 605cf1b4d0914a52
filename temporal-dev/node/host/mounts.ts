import { readFileSync } from 'node:fs';
import { StackError } from '../../stack-error.ts';
import { runHostCommand } from './host-command.ts';

export interface Mount {
  readonly path: string;
  readonly type: string;
}

/** Returns all mounts of this machine in the order of their creation. */
export function listMounts(): readonly Mount[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      return { path: unescapePath(before.split(' ')[4] ?? ''), type: after.split(' ')[0] ?? '' };
    });
}

/** The kernel writes spaces and some other characters as octal escapes. */
function unescapePath(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}

/**
 * Unmounts every mount below a folder, the last one first.
 *
 * @throws StackError when a mount is in use.
 */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder).toReversed()) await runHostCommand('umount', [path]);
}

/** @throws StackError that names the first mount below the folder. */
export function requireNoMountBelow(folder: string): void {
  const [first] = mountsBelow(folder);
  if (first !== undefined)
    throw new StackError(`The mount ${first} still exists: run "umount ${first}" and start again.`);
}

function mountsBelow(folder: string): readonly string[] {
  return listMounts()
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${folder}/`));
}
