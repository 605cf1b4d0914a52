import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { StackError } from '../../stack-error.ts';
import type { ToolSpec } from '../tool-spec.ts';

/** The path of a cached tool and the work folder in which it is prepared. */
export interface CacheEntry {
  readonly program: string;
  readonly workDirectory: string;
  readonly lockFile: string;
}

// A killed process leaves its lock behind. A live process updates its lock every 10 s, or later while a build keeps the
// machine busy, so a lock is stale only after a minute.
const LOCK_STALE_MS = 60_000;
const LOCK_UPDATE_MS = 10_000;
const LOCK_POLL_MS = 500;
const LOCK_WAIT_MS = 60 * 60_000; // another process may be building everything from source

/** Returns `$XDG_CACHE_HOME/store-platform/tools`, or `~/.cache/store-platform/tools` when the variable is not set. */
export function defaultToolCache(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'store-platform', 'tools');
}

/** Returns the cache entry of a tool for a platform such as `linux-amd64`. */
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

/** Creates an empty work folder and deletes the files of a killed process. The caller holds the lock of the entry. */
export async function freshWorkDirectory(entry: CacheEntry): Promise<string> {
  await rm(entry.workDirectory, { recursive: true, force: true });
  await mkdir(entry.workDirectory, { recursive: true });
  return entry.workDirectory;
}

export async function makeExecutable(program: string): Promise<void> {
  await chmod(program, 0o755);
}

/** Moves a finished program into the cache. The rename is atomic, so no process sees a partial program. */
export async function moveIntoCache(entry: CacheEntry, finishedProgram: string): Promise<void> {
  await mkdir(dirname(entry.program), { recursive: true });
  await rename(finishedProgram, entry.program);
}

/**
 * Runs `work` while this process holds the locks of the entries. All processes acquire locks in the same order, so that
 * they can't deadlock. The signal of `work` is also aborted when a lock is lost, for example because the machine slept
 * or the cache folder was deleted.
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
  const lockLost = new AbortController();
  const held: { readonly entry: CacheEntry; readonly release: () => Promise<void> }[] = [];
  try {
    for (const entry of input.entries.toSorted((a, b) => (a.lockFile < b.lockFile ? -1 : 1))) {
      held.push({ entry, release: await acquire(entry, { ...input, onLost: (error) => lockLost.abort(error) }) });
    }
    return await work(AbortSignal.any([input.signal, lockLost.signal]));
  } finally {
    // Another process works in the folder of an entry whose lock this process did not get, or lost.
    const owned = lockLost.signal.aborted ? [] : held;
    for (const { entry } of owned) await rm(entry.workDirectory, { recursive: true, force: true });
    // A lost lock can't be released. The signal has already reported the loss.
    for (const { release } of held) await release().catch(() => undefined);
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
    realpath: false, // the program may not exist yet
    lockfilePath: entry.lockFile,
    stale: LOCK_STALE_MS,
    update: LOCK_UPDATE_MS,
    onCompromised: options.onLost,
  };
  const deadline = performance.now() + LOCK_WAIT_MS;
  let reported = false;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await lock(entry.program, lockOptions);
    } catch (error) {
      if (!isHeldByOther(error)) throw error;
      if (performance.now() > deadline) {
        throw new StackError(
          `Another process has held the lock ${entry.lockFile} for an hour: stop that process and start again.`,
          {
            cause: error,
          },
        );
      }
    }
    if (!reported) options.report(`waiting for another process that is fetching ${entry.program}`);
    reported = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

function isHeldByOther(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}
