import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ImageError } from './image-error.ts';
import { archiveFacts, wordpressArchives } from './wordpress-archives.ts';

let folder: string;
const published = new Map<string, string>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archives-'));
  await mkdir(join(folder, 'local'));
  await mkdir(join(folder, 'shared'));
  published.clear();
});
afterEach(() => rm(folder, { recursive: true }));

/** A fake `fetch` that serves the URLs in `published` and fails for all others. */
const publishers: typeof fetch = (input) => {
  const text = published.get(input instanceof Request ? input.url : input.toString());
  return text === undefined ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(new Response(text));
};

function find(given: Parameters<typeof wordpressArchives>[0]['given'] = {}) {
  return wordpressArchives({
    given,
    localFolders: [join(folder, 'local'), join(folder, 'shared')],
    downloadFolder: join(folder, 'downloads'),
    fetchImpl: publishers,
    log: () => {},
  });
}

async function addLocal(...names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(join(folder, 'local', name), name);
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

const CORE = 'https://wordpress.org/wordpress-7.1.tar.gz';

describe('wordpressArchives', () => {
  test('uses the files in the local folder in each supported format', async () => {
    await addLocal('wordpress.zip', 'woocommerce.tar.gz', 'wp-cli.phar');
    expect([...(await find()).keys()]).toEqual(['wordpress.zip', 'woocommerce.tar.gz', 'wp-cli.phar']);
  });

  test('prefers a given file over the local folder', async () => {
    await addLocal('wordpress.zip', 'woocommerce.zip', 'wp-cli.phar');
    const mine = join(folder, 'mine.tar.gz');
    await writeFile(mine, 'mine');
    expect((await find({ wordpress: mine })).get('wordpress.tar.gz')).toBe(mine);
  });

  test('uses the shared folder for an archive that the local folder lacks', async () => {
    await addLocal('woocommerce.zip', 'wp-cli.phar');
    await writeFile(join(folder, 'shared', 'wp-cli.phar'), 'shared');
    await writeFile(join(folder, 'shared', 'wordpress.zip'), 'shared');
    const found = await find();
    expect(found.get('wordpress.zip')).toBe(join(folder, 'shared', 'wordpress.zip'));
    expect(found.get('wp-cli.phar')).toBe(join(folder, 'local', 'wp-cli.phar'));
  });

  test("downloads a missing archive once and verifies the publisher's checksum", async () => {
    await addLocal('woocommerce.zip', 'wp-cli.phar');
    published.set(CORE, 'core').set(`${CORE}.sha1`, `${digest('sha1', 'core')}\n`);
    const first = await find();
    published.clear();
    expect(await find()).toEqual(first);
  });

  test('rejects and deletes a download with a wrong checksum', async () => {
    await addLocal('woocommerce.zip', 'wp-cli.phar');
    published.set(CORE, 'tampered').set(`${CORE}.sha1`, digest('sha1', 'core'));
    await expect(find()).rejects.toThrow("does not match the publisher's sha1 checksum");
    expect(await readdir(join(folder, 'downloads'))).toEqual([]);
  });

  test('throws an error that says what to do when an archive is not available', async () => {
    await addLocal('wordpress.zip', 'wp-cli.phar');
    const outcome = await find().catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(ImageError);
    expect(String(outcome)).toMatch(
      /needs woocommerce 11\.0\.1, .* \(fetch failed\): put the archive into .* or pass --woocommerce FILE$/,
    );
  });

  test('gives facts that change with the content of an archive', async () => {
    await addLocal('wordpress.zip', 'woocommerce.zip', 'wp-cli.phar');
    const before = await archiveFacts(await find());
    await writeFile(join(folder, 'local', 'woocommerce.zip'), 'newer');
    const after = await archiveFacts(await find());
    expect(after['woocommerce.zip']).not.toBe(before['woocommerce.zip']);
    expect(after['wordpress.zip']).toBe(before['wordpress.zip']);
  });
});
