import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';

const DASHBOARD = fileURLToPath(new URL('..', import.meta.url));
const FIRST_LOAD_KB = 200;
const PAGE_KB = 60;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}
type Manifest = Readonly<Record<string, Chunk>>;

let manifest: Manifest;
beforeAll(async () => {
  const path = `${DASHBOARD}dist/.vite/manifest.json`;
  // Jest sets NODE_ENV to `test`, with which React is built for development.
  if (!existsSync(path)) await execa('npm', ['run', 'build'], { cwd: DASHBOARD, env: { NODE_ENV: 'production' } });
  manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
});

/** Returns the files that the browser loads for a chunk. */
function filesOf(key: string, seen = new Set<string>()): ReadonlySet<string> {
  const { file, imports = [], css = [] } = manifest[key]!;
  if (seen.has(file)) return seen;
  for (const each of [file, ...css]) seen.add(each);
  for (const each of imports) filesOf(each, seen);
  return seen;
}

function kilobytes(files: Iterable<string>): number {
  const sizes = Array.from(files, (file) => gzipSync(readFileSync(`${DASHBOARD}dist/${file}`)).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1_000;
}

function entry(): string {
  const found = Object.keys(manifest).find((key) => manifest[key]?.isEntry === true);
  if (found === undefined) throw new Error('the build has no entry');
  return found;
}

test(`the first page loads at most ${FIRST_LOAD_KB} kB`, () => {
  const first = filesOf('src/pages/stores/list.tsx', new Set(filesOf(entry())));
  expect(kilobytes(first)).toBeLessThan(FIRST_LOAD_KB);
});

test(`each later page loads at most ${PAGE_KB} kB more`, () => {
  const loaded = filesOf(entry());
  const pages = Object.keys(manifest).filter((key) => manifest[key]?.isDynamicEntry === true);
  expect(pages.length).toBeGreaterThan(15);
  const sizes = pages.map((page) => {
    const added = [...filesOf(page)].filter((file) => !loaded.has(file));
    return { page, isSmall: kilobytes(added) <= PAGE_KB };
  });
  expect(sizes.filter(({ isSmall }) => !isSmall)).toEqual([]);
});
