import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeHostPaths } from '../services/host-path-volumes.ts';
import { cleanHost } from '../node/host/clean-host.ts';
import { identityOf, isAlive, ProcessIdentity } from './process-identity.ts';
import { messageOf, StackError, systemCode } from '../stack-error.ts';

/** Marks a folder as ours; without it nothing is ever deleted. */
const MARKER = '.store-platform-state';

/** Where everything that a stack keeps lies. */
export interface StateFolder {
  readonly path: string;
  readonly logs: string;
  /** One file per running process, for whoever has to clean up after a crash. */
  readonly run: string;
  readonly lock: string;
}

/**
 * Opens the state folder, creating it if need be.
 *
 * @throws StackError when it can't be written, or holds somebody else's files.
 */
export function openStateFolder(path: string): StateFolder {
  const folder = layoutOf(path);
  try {
    mkdirSync(path, { recursive: true });
    const entries = readdirSync(path);
    if (entries.length > 0 && !entries.includes(MARKER)) {
      throw new StackError(
        `${path} holds files that are not ours: set STORE_PLATFORM_STATE to an empty or a new folder.`,
      );
    }
    writeFileSync(join(path, MARKER), 'State of a local store platform: `npm run reset` throws it away.\n');
    mkdirSync(folder.logs, { recursive: true });
    mkdirSync(folder.run, { recursive: true });
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(
      `The state folder ${path} can't be used (${systemCode(error) ?? messageOf(error)}): make it a folder that you may ` +
        'write to, or set STORE_PLATFORM_STATE to another one.',
      { cause: error },
    );
  }
  return folder;
}

/** Throws the state away, with what it keeps elsewhere; the caller holds the lock. @throws StackError when something can't be removed. */
export async function removeStateFolder(folder: StateFolder): Promise<void> {
  removeHostPaths(folder.path);
  try {
    // Mounts of a real node that was killed: removing through them would remove what they show.
    await cleanHost(folder.path);
    await rm(folder.path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new StackError(`${folder.path} can't be removed completely (${messageOf(error)}): remove it by hand.`, {
      cause: error,
    });
  }
}

/** Whether there is a state folder of ours at `path`. */
export function isStateFolder(path: string): boolean {
  return statSync(join(path, MARKER), { throwIfNoEntry: false }) !== undefined;
}

function layoutOf(path: string): StateFolder {
  return { path, logs: join(path, 'logs'), run: join(path, 'run'), lock: join(path, 'lock.json') };
}

/**
 * Makes this process the only one that works on the state folder. The lock of a process that is gone counts for nothing.
 *
 * @returns a function that releases the lock.
 * @throws StackError that names the holder.
 */
export function lockStateFolder(folder: StateFolder): () => void {
  const self = identityOf(process.pid);
  if (self === undefined) throw new Error('the own process is not in the process table');
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

/** The process that works on the state folder now, if any. */
export function holderOf(folder: StateFolder): ProcessIdentity | undefined {
  const holder = readIdentity(folder.lock);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

function discardStaleLock(folder: StateFolder): void {
  const holder = holderOf(folder);
  if (holder !== undefined) {
    throw new StackError(
      `A local stack is running already on ${folder.path} (process ${holder.pid}): stop it with Ctrl-C in its terminal or ` +
        `"kill ${holder.pid}", or set STORE_PLATFORM_STATE and the ports to run a second one.`,
    );
  }
  // Renaming first: of two starts that both saw the stale lock, only one removes it.
  const grave = `${folder.lock}.${randomUUID()}`;
  try {
    renameSync(folder.lock, grave);
  } catch {
    return;
  }
  const buried = readIdentity(grave);
  if (buried !== undefined && isAlive(buried)) tryLink(grave, folder.lock);
  rmSync(grave, { force: true });
}

/** `link` is atomic and never replaces: the lock appears with its content or not at all. */
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
