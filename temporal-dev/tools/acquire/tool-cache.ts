import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { StackError } from '../../stack-error.ts';
import type { ToolSpec } from '../tool-manifest.ts';

/** Where a tool is kept, and where it is put together before it is moved there. */
export interface CacheEntry {
  readonly program: string;
  readonly workDirectory: string;
  readonly lockFile: string;
}

// A process that was killed leaves its lock behind; the living touch theirs every 10 s. A minute allows for a machine
// that is too busy with a build to do so in time.
const LOCK_STALE_MS = 60_000;
const LOCK_UPDATE_MS = 10_000;
const LOCK_POLL_MS = 500;
const LOCK_WAIT_MS = 60 * 60_000; // another process may be building everything from source

/** `$XDG_CACHE_HOME/store-platform/tools`, `~/.cache/store-platform/tools` where the variable is not set. */
export function defaultToolCache(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'store-platform', 'tools');
}

/** The cache entry of a tool for a platform such as `linux-amd64`. */
export function cacheEntry(input: {
  readonly cacheDir: string;
  readonly name: string;
  readonly spec: ToolSpec;
  readonly platform: string;
}): CacheEntry {
  const versioned = join(input.cacheDir, input.name, `${input.spec.version}-${input.platform}`);
  return {
    program: join(versioned, input.spec.binary),
    workDirectory: `${versioned}.partial`,
    lockFile: `${versioned}.lock`,
  };
}

export async function isCached(entry: CacheEntry): Promise<boolean> {
  const found = await stat(entry.program).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** An empty folder for one attempt. What a killed process left in it is thrown away. Needs the entry's lock. */
export async function freshWorkDirectory(entry: CacheEntry): Promise<string> {
  await rm(entry.workDirectory, { recursive: true, force: true });
  await mkdir(entry.workDirectory, { recursive: true });
  return entry.workDirectory;
}

export async function makeExecutable(program: string): Promise<void> {
  await chmod(program, 0o755);
}

/** Makes a finished program the cached one, all at once: whoever looks sees either nothing or the whole program. */
export async function place(entry: CacheEntry, finishedProgram: string): Promise<void> {
  await mkdir(dirname(entry.program), { recursive: true });
  await rename(finishedProgram, entry.program);
}

/**
 * Runs `work` while this process alone may fill the entries. Locks are taken in one order everywhere, so that two
 * processes that want the same tools can't wait for each other. The signal given to `work` also ends when a lock is
 * lost (the machine slept, the cache folder was deleted).
 *
 * @throws StackError when another process holds a lock for an hour.
 */
export async function withLocks<Result>(
  input: {
    readonly entries: readonly CacheEntry[];
    readonly report: (message: string) => void;
    readonly signal: AbortSignal;
  },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  const releases: (() => Promise<void>)[] = [];
  try {
    for (const entry of input.entries.toSorted((a, b) => (a.lockFile < b.lockFile ? -1 : 1))) {
      releases.push(await acquire(entry, { ...input, onLost: (error) => lost.abort(error) }));
    }
    return await work(AbortSignal.any([input.signal, lost.signal]));
  } finally {
    for (const entry of input.entries) await rm(entry.workDirectory, { recursive: true, force: true });
    // A lock that was lost can't be released; that it was is already told through the signal.
    for (const release of releases) await release().catch(() => undefined);
  }
}

async function acquire(
  entry: CacheEntry,
  options: {
    readonly report: (message: string) => void;
    readonly signal: AbortSignal;
    readonly onLost: (error: Error) => void;
  },
): Promise<() => Promise<void>> {
  await mkdir(dirname(entry.lockFile), { recursive: true });
  const lockOptions = {
    realpath: false, // what is locked need not exist yet
    lockfilePath: entry.lockFile,
    stale: LOCK_STALE_MS,
    update: LOCK_UPDATE_MS,
    onCompromised: options.onLost,
  };
  const deadline = performance.now() + LOCK_WAIT_MS;
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await lock(entry.program, lockOptions);
    } catch (error) {
      if (!isHeldByOther(error)) throw error;
      if (performance.now() > deadline) {
        throw new StackError(`another process has held ${entry.lockFile} for an hour; end it and start again`, {
          cause: error,
        });
      }
    }
    if (!told) options.report(`waiting for another process that is fetching ${entry.program}`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

function isHeldByOther(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}
