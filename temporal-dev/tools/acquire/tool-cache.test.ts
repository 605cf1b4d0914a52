import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TOOLS } from '../tool-manifest.ts';
import { cacheEntry, defaultToolCache, freshWorkDirectory, withLocks, type CacheEntry } from './tool-cache.ts';
import { temporaryFolder } from './tool-fixtures.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let helm: CacheEntry;
let etcd: CacheEntry;

beforeEach(async () => {
  folder = await temporaryFolder();
  const shared = { cacheDir: folder.path, platform: 'linux-amd64' };
  helm = cacheEntry({ ...shared, name: 'helm', spec: TOOLS.helm });
  etcd = cacheEntry({ ...shared, name: 'etcd', spec: TOOLS.etcd });
});

afterEach(async () => {
  await folder.remove();
});

function locked<Result>(entries: readonly CacheEntry[], work: () => Promise<Result>, reports: string[] = []) {
  const report = (message: string) => reports.push(message);
  return withLocks({ entries, report, signal: new AbortController().signal }, work);
}

test('runs one work function at a time when two callers lock the same entries in different orders', async () => {
  const reports: string[] = [];
  let inside = 0;
  const work = async () => {
    inside += 1;
    await stat(folder.path);
    expect(inside).toBe(1);
    inside -= 1;
  };

  await Promise.all([locked([helm, etcd], work, reports), locked([etcd, helm], work, reports)]);

  expect(reports).toEqual([`waiting for another process that is fetching ${etcd.program}`]);
});

test('replaces the lock of a killed process', async () => {
  await mkdir(helm.lockFile, { recursive: true });
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(helm.lockFile, longAgo, longAgo);

  await expect(locked([helm], async () => 'done')).resolves.toBe('done');
});

test('deletes the partial files of a killed process and leaves no work folder behind', async () => {
  await mkdir(helm.workDirectory, { recursive: true });
  await writeFile(join(helm.workDirectory, 'helm'), 'partial');

  await locked([helm], async () => {
    const directory = await freshWorkDirectory(helm);
    await expect(stat(join(directory, 'helm'))).rejects.toThrow('ENOENT');
  });

  await expect(stat(helm.workDirectory)).rejects.toThrow('ENOENT');
  await expect(stat(helm.lockFile)).rejects.toThrow('ENOENT');
});

test('stops waiting for a lock when the signal is aborted', async () => {
  const abort = new AbortController();
  const waiting = locked([helm], () =>
    withLocks({ entries: [helm], report: () => abort.abort(new Error('enough')), signal: abort.signal }, async () => 1),
  );

  await expect(waiting).rejects.toThrow('enough');
});

test('a process that stops waiting for a lock leaves the work folder of the process that holds it', async () => {
  const abort = new AbortController();
  const waiter = { entries: [helm], report: () => abort.abort(new Error('enough')), signal: abort.signal };

  await locked([helm], async () => {
    const directory = await freshWorkDirectory(helm);
    await writeFile(join(directory, 'helm'), 'partial');
    await expect(withLocks(waiter, async () => 1)).rejects.toThrow('enough');
    await expect(stat(join(directory, 'helm'))).resolves.toBeDefined();
  });
});

test.each([
  [{ XDG_CACHE_HOME: '/cache', HOME: '/home/a' }, '/cache/store-platform/tools'],
  [{ XDG_CACHE_HOME: '', HOME: '/home/a' }, '/home/a/.cache/store-platform/tools'],
])('with the environment %j the cache folder is %s', (env, expected) => {
  expect(defaultToolCache(env)).toBe(expected);
});
