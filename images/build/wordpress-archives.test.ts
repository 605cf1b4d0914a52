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
  await mkdir(join(folder, 'hand'));
  published.clear();
});
afterEach(() => rm(folder, { recursive: true }));

/** The publishers, as far as `published` knows them; the rest of the network is closed. */
const publishers: typeof fetch = (input) => {
  const text = published.get(input instanceof Request ? input.url : input.toString());
  return text === undefined ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(new Response(text));
};

function find(given: Parameters<typeof wordpressArchives>[0]['given'] = {}) {
  return wordpressArchives({
    given,
    handFolder: join(folder, 'hand'),
    downloadFolder: join(folder, 'downloads'),
    fetchImpl: publishers,
    log: () => {},
  });
}

async function atHand(...names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(join(folder, 'hand', name), name);
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

const CORE = 'https://wordpress.org/wordpress-7.1.tar.gz';

describe('archives', () => {
  test('that lie in the folder for them are taken, whatever of their kinds they are', async () => {
    await atHand('wordpress.zip', 'woocommerce.tar.gz', 'wp-cli.phar');
    expect([...(await find()).keys()]).toEqual(['wordpress.zip', 'woocommerce.tar.gz', 'wp-cli.phar']);
  });

  test('that are named win over those in the folder', async () => {
    await atHand('wordpress.zip', 'woocommerce.zip', 'wp-cli.phar');
    const mine = join(folder, 'mine.tar.gz');
    await writeFile(mine, 'mine');
    expect((await find({ wordpress: mine })).get('wordpress.tar.gz')).toBe(mine);
  });

  test('that are missing are fetched once, when they match what their publisher says', async () => {
    await atHand('woocommerce.zip', 'wp-cli.phar');
    published.set(CORE, 'core').set(`${CORE}.sha1`, `${digest('sha1', 'core')}\n`);
    const first = await find();
    published.clear();
    expect(await find()).toEqual(first);
  });

  test('that do not match are refused and not kept', async () => {
    await atHand('woocommerce.zip', 'wp-cli.phar');
    published.set(CORE, 'tampered').set(`${CORE}.sha1`, digest('sha1', 'core'));
    await expect(find()).rejects.toThrow("does not match its publisher's sha1 checksum");
    expect(await readdir(join(folder, 'downloads'))).toEqual([]);
  });

  test('that are nowhere to be had end the build with one sentence that says what to do', async () => {
    await atHand('wordpress.zip', 'wp-cli.phar');
    const outcome = await find().catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(ImageError);
    expect(String(outcome)).toMatch(
      /woocommerce 11\.0\.1 is needed .* \(fetch failed\): put it into .* or pass --woocommerce FILE$/,
    );
  });

  test('change the tag of the image with their content', async () => {
    await atHand('wordpress.zip', 'woocommerce.zip', 'wp-cli.phar');
    const before = await archiveFacts(await find());
    await writeFile(join(folder, 'hand', 'woocommerce.zip'), 'newer');
    const after = await archiveFacts(await find());
    expect(after['woocommerce.zip']).not.toBe(before['woocommerce.zip']);
    expect(after['wordpress.zip']).toBe(before['wordpress.zip']);
  });
});
