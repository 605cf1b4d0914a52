import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeHostPaths } from '../services/host-path-volumes.ts';
import { cleanHost } from '../node/host/clean-host.ts';
import { identityOf, isAlive, ProcessIdentity } from './process-identity.ts';
import { messageOf, StackError, systemCode } from '../stack-error.ts';

/** The file that marks a state folder. A folder without it is never deleted. */
const MARKER = '.store-platform-state';

/** The paths of a state folder. */
export interface StateFolder {
  readonly path: string;
  readonly logs: string;
  /** Holds one file per running process, so that the next start can stop the leftover processes of a crash. */
  readonly run: string;
  readonly lock: string;
}

/**
 * Opens the state folder. Creates it if it does not exist.
 *
 * @throws StackError when it can't be written, or contains files but is not a state folder.
 */
export function openStateFolder(path: string): StateFolder {
  const folder = layoutOf(path);
  try {
    mkdirSync(path, { recursive: true });
    const entries = readdirSync(path);
    if (entries.length > 0 && !entries.includes(MARKER)) {
      throw new StackError(
        `${path} contains files but is not a state folder: set STORE_PLATFORM_STATE to an empty or a new folder.`,
      );
    }
    writeFileSync(join(path, MARKER), 'State of a local store platform. `npm run reset` deletes it.\n');
    mkdirSync(folder.logs, { recursive: true });
    mkdirSync(folder.run, { recursive: true });
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(
      `The state folder ${path} can't be used (${systemCode(error) ?? messageOf(error)}): make it a writable folder, or set ` +
        'STORE_PLATFORM_STATE to another path.',
      { cause: error },
    );
  }
  return folder;
}

/**
 * Deletes the state folder, and the files and host settings that the stack left outside it. The caller holds the lock.
 *
 * @throws StackError when a file or a mount can't be removed.
 */
export async function removeStateFolder(folder: StateFolder): Promise<void> {
  removeHostPaths(folder.path);
  try {
    // A killed real node leaves mounts below the folder. Unmount first: `rm` would delete the mounted files.
    await cleanHost(folder.path);
    await rm(folder.path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new StackError(
      `The state folder ${folder.path} was not deleted completely (${messageOf(error)}): delete it by hand.`,
      {
        cause: error,
      },
    );
  }
}

/** Returns true when `path` is a state folder. */
export function isStateFolder(path: string): boolean {
  return statSync(join(path, MARKER), { throwIfNoEntry: false }) !== undefined;
}

function layoutOf(path: string): StateFolder {
  return { path, logs: join(path, 'logs'), run: join(path, 'run'), lock: join(path, 'lock.json') };
}

/**
 * Locks the state folder for this process. Replaces the lock of a process that has exited.
 *
 * @returns a function that releases the lock.
 * @throws StackError that names the process that holds the lock.
 */
export function lockStateFolder(folder: StateFolder): () => void {
  const self = identityOf(process.pid);
  if (self === undefined) throw new Error('this process is not in the process table');
  const draft = `${folder.lock}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(self));
  try {
    while (!tryLink(draft, folder.lock)) discardStaleLock(folder);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readIdentity(folder.lock)?.birth === self.birth) rmSync(folder.lock, { force: true });
  };
}

/** Returns the live process that holds the lock, or undefined. */
export function holderOf(folder: StateFolder): ProcessIdentity | undefined {
  const holder = readIdentity(folder.lock);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

function discardStaleLock(folder: StateFolder): void {
  const holder = holderOf(folder);
  if (holder !== undefined) {
    throw new StackError(
      `A local stack is already running on ${folder.path} (process ${holder.pid}): stop it with Ctrl-C in its terminal or ` +
        `"kill ${holder.pid}", or set STORE_PLATFORM_STATE and other ports to run a second stack.`,
    );
  }
  // Rename before deleting: of two starts that saw the stale lock, only one succeeds.
  const renamed = `${folder.lock}.${randomUUID()}`;
  try {
    renameSync(folder.lock, renamed);
  } catch {
    return;
  }
  // Another start may have replaced the stale lock in between: put its lock back.
  const discarded = readIdentity(renamed);
  if (discarded !== undefined && isAlive(discarded)) tryLink(renamed, folder.lock);
  rmSync(renamed, { force: true });
}

/** Returns false when `to` exists. `link` is atomic and never replaces a file, so a lock is never seen half-written. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readIdentity(path: string): ProcessIdentity | undefined {
  try {
    return ProcessIdentity.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
