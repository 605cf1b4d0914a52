import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Folders of a working tree that are never part of an image. */
const IGNORED = new Set(['node_modules', '.medusa', '.git']);

/** Returns the relative paths of all files below a folder, sorted. Excludes tests and the folders that tools create. */
export async function contextFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split('/').some((part) => IGNORED.has(part)))
    .toSorted();
}

/** Returns the SHA-256 of a file in hex. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Returns twelve hex digits that change with the content or executable bit of any file, or with one of `facts`. */
export async function contentHash(
  files: readonly { readonly path: string; readonly source: string }[],
  facts: Readonly<Record<string, string>>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const { path, source } of files) {
    const mode = (await stat(source)).mode & 0o111 ? 'x' : '-';
    hash.update(`\n${path} ${mode} ${await fileHash(source)}`);
  }
  return hash.digest('hex').slice(0, 12);
}
