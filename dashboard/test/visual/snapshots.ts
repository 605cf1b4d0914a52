import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { differenceOf } from './compare-pictures.ts';

const SNAPSHOTS = fileURLToPath(new URL('../snapshots', import.meta.url));
/** Pictures of failed comparisons. Git ignores this folder. */
const DIFFERENT = `${SNAPSHOTS}/different`;
const MAX_PICTURES = 20;
const UPDATE =
  'run UPDATE_SNAPSHOTS=1 npm run test:dashboard -- visual, and look at the pictures before you commit them';

/**
 * Compares a page with its snapshot. With `UPDATE_SNAPSHOTS=1` it writes the snapshot instead.
 *
 * @throws Error with the paths of the picture and of its differences if they are not alike.
 */
export async function expectSnapshot(page: Page, name: string): Promise<void> {
  const snapshot = `${SNAPSHOTS}/${name}.png`;
  const picture = await stillPicture(page);
  if (process.env['UPDATE_SNAPSHOTS'] === '1') return await write(snapshot, picture);
  if (!existsSync(snapshot)) throw new Error(`there is no snapshot ${snapshot}: ${UPDATE}`);
  const difference = differenceOf(await readFile(snapshot), picture);
  const [actualPath, diffPath] = [`${DIFFERENT}/${name}.actual.png`, `${DIFFERENT}/${name}.diff.png`];
  await Promise.all([rm(actualPath, { force: true }), rm(diffPath, { force: true })]);
  if (difference === undefined) return;
  const { reason, diff } = difference;
  await write(actualPath, picture);
  const paths = [`snapshot: ${snapshot}`, `page: ${actualPath}`];
  if (diff !== undefined) {
    await write(diffPath, diff);
    paths.push(`differences: ${diffPath}`);
  }
  throw new Error(
    `the page ${name} does not look like its snapshot: ${reason}.\n${paths.join('\n')}\nIf the change is intended, ${UPDATE}.`,
  );
}

async function write(path: string, picture: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, picture);
}

/** Takes pictures until two in a row are equal: a chart or a change of colour may need some frames. */
async function stillPicture(page: Page): Promise<Buffer> {
  let last = await page.screenshot({ animations: 'disabled' });
  for (let taken = 1; taken < MAX_PICTURES; taken += 1) {
    const next = await page.screenshot({ animations: 'disabled' });
    if (next.equals(last)) return next;
    last = next;
  }
  throw new Error(`the page still changes after ${MAX_PICTURES} pictures`);
}
