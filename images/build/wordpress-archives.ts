import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as yauzl from 'yauzl';
import { z } from 'zod';
import { readText } from '../../domain/bounded-response.ts';
import { fileHash } from './content-hash.ts';
import { ImageError } from './image-error.ts';

export const ARCHIVE_NAMES = ['wordpress', 'woocommerce', 'wp-cli'] as const;
export type ArchiveName = (typeof ARCHIVE_NAMES)[number];

interface ArchiveSource {
  readonly version: string;
  readonly url: string;
  /** The publisher's checksums: one digest of the archive, or one digest of each file in it. */
  readonly checksum:
    | { readonly kind: 'digest'; readonly algorithm: 'sha1' | 'sha512'; readonly url: string }
    | { readonly kind: 'per-file'; readonly url: string; readonly folder: string };
  /** File names that the build accepts. */
  readonly fileNames: readonly string[];
}

const SOURCES: Readonly<Record<ArchiveName, ArchiveSource>> = {
  wordpress: {
    version: '7.1',
    url: 'https://wordpress.org/wordpress-7.1.tar.gz',
    checksum: { kind: 'digest', algorithm: 'sha1', url: 'https://wordpress.org/wordpress-7.1.tar.gz.sha1' },
    fileNames: ['wordpress.tar.gz', 'wordpress.zip'],
  },
  woocommerce: {
    version: '11.0.1',
    url: 'https://downloads.wordpress.org/plugin/woocommerce.11.0.1.zip',
    checksum: {
      kind: 'per-file',
      url: 'https://downloads.wordpress.org/plugin-checksums/woocommerce/11.0.1.json',
      folder: 'woocommerce/',
    },
    fileNames: ['woocommerce.zip', 'woocommerce.tar.gz'],
  },
  'wp-cli': {
    version: '2.12.0',
    url: 'https://github.com/wp-cli/wp-cli/releases/download/v2.12.0/wp-cli-2.12.0.phar',
    checksum: {
      kind: 'digest',
      algorithm: 'sha512',
      url: 'https://github.com/wp-cli/wp-cli/releases/download/v2.12.0/wp-cli-2.12.0.phar.sha512',
    },
    fileNames: ['wp-cli.phar'],
  },
};

// The short timeout detects a closed network early. The plugin has 30 MB, which takes minutes on a slow connection.
const CHECKSUM_TIMEOUT_MS = 20_000;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** The checksums of a plugin have one line for each of its thousands of files. */
const MAX_CHECKSUM_BYTES = 16_777_216;

/** Paths of the three archives by the file names that the Dockerfile expects. */
export type WordpressArchives = ReadonlyMap<string, string>;

/**
 * Returns the archives for the WooCommerce image. Looks for each of them in this order: the given path, `localFolders`, earlier
 * downloads, the publisher. Verifies a download against the publisher's checksums.
 *
 * @throws ImageError when an archive is not available or its checksum is wrong.
 */
export async function wordpressArchives(options: {
  readonly given: Readonly<Partial<Record<ArchiveName, string>>>;
  /** Folders with archives of unknown origin, the preferred one first. */
  readonly localFolders: readonly [string, ...string[]];
  readonly downloadFolder: string;
  readonly fetchImpl: typeof fetch;
  readonly log: (line: string) => void;
}): Promise<WordpressArchives> {
  const found = new Map<string, string>();
  for (const name of ARCHIVE_NAMES) {
    const source = SOURCES[name];
    const local = options.given[name] ?? (await firstExisting(options.localFolders, source.fileNames));
    const path = local ?? (await download(name, options));
    if (local !== undefined) options.log(`${name}: using ${local} without a checksum`);
    const fileName = source.fileNames.find((candidate) => path.endsWith(extensionOf(candidate)));
    if (fileName === undefined)
      throw new ImageError(`${path} must end in one of ${source.fileNames.map(extensionOf).join(', ')}`);
    found.set(fileName, path);
  }
  return found;
}

async function download(
  name: ArchiveName,
  options: Pick<Parameters<typeof wordpressArchives>[0], 'downloadFolder' | 'localFolders' | 'fetchImpl' | 'log'>,
): Promise<string> {
  const source = SOURCES[name];
  const path = join(options.downloadFolder, `${name}-${source.version}${extensionOf(source.url)}`);
  if (await exists(path)) return path;
  const part = `${path}.part`;
  try {
    await mkdir(options.downloadFolder, { recursive: true });
    const response = await get(options.fetchImpl, source.checksum.url, CHECKSUM_TIMEOUT_MS);
    const checksum = await readText(response, MAX_CHECKSUM_BYTES);
    options.log(`${name}: downloading ${source.url}`);
    const { body } = await get(options.fetchImpl, source.url, DOWNLOAD_TIMEOUT_MS);
    if (body === null) throw new Error('the response has no body');
    await pipeline(Readable.fromWeb(body), createWriteStream(part));
    await verify(part, source, checksum);
  } catch (cause) {
    await rm(part, { force: true });
    if (cause instanceof ImageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError(
      `the WooCommerce image needs ${name} ${source.version}, and the download from ${new URL(source.url).host} failed ` +
        `(${reason}): put the archive into ${options.localFolders.join(' or ')} as ${source.fileNames.join(' or ')}, or pass --${name} FILE`,
      { cause },
    );
  }
  await rename(part, path);
  return path;
}

async function get(fetchImpl: typeof fetch, url: string, timeoutMs: number): Promise<Response> {
  const response = await fetchImpl(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${url} returned ${response.status}`);
  return response;
}

async function verify(file: string, source: ArchiveSource, checksum: string): Promise<void> {
  if (source.checksum.kind === 'per-file') return verifyEachFile(file, source, source.checksum.folder, checksum);
  const { algorithm } = source.checksum;
  const expected = /\b[0-9a-f]{40,128}\b/.exec(checksum.toLowerCase())?.[0];
  const hash = createHash(algorithm);
  const { createReadStream } = await import('node:fs');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') !== expected)
    throw new ImageError(`${source.url} does not match the publisher's ${algorithm} checksum`);
}

const PluginChecksums = z.object({
  files: z.record(z.string(), z.object({ sha256: z.union([z.string(), z.array(z.string())]) })),
});

async function verifyEachFile(file: string, source: ArchiveSource, folder: string, checksums: string): Promise<void> {
  const { files } = PluginChecksums.parse(JSON.parse(checksums));
  const missing = new Set(Object.keys(files));
  const zip = await yauzl.openPromise(file, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const path = entry.fileName.slice(folder.length);
      const known = entry.fileName.startsWith(folder) ? files[path] : undefined;
      const hash = createHash('sha256');
      await pipeline(await zip.openReadStreamPromise(entry), hash);
      if (known === undefined || ![known.sha256].flat().includes(hash.digest('hex'))) {
        throw new ImageError(`${entry.fileName} in ${source.url} does not match the publisher's checksums`);
      }
      missing.delete(path);
    }
  } finally {
    zip.close();
  }
  const [first] = missing;
  if (first !== undefined)
    throw new ImageError(`${source.url} does not contain ${first}, which the publisher's checksums list`);
}

function extensionOf(name: string): string {
  return /(\.tar\.gz|\.zip|\.phar)$/.exec(name)?.[0] ?? '';
}

async function firstExisting(folders: readonly string[], names: readonly string[]): Promise<string | undefined> {
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of paths) if (await exists(path)) return path;
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Returns the SHA-256 of each archive, which becomes part of the tag of the image. */
export async function archiveFacts(archives: WordpressArchives): Promise<Readonly<Record<string, string>>> {
  const facts: Record<string, string> = {};
  for (const [name, path] of archives) facts[name] = await fileHash(path);
  return facts;
}
