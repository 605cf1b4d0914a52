import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ToolSpec } from '../tool-spec.ts';
import { createFakePublisher, type FakePublisher } from './fake-publisher.ts';
import { downloadOfficially, findChecksum, type DownloadLimits } from './official-download.ts';
import { packTar, packZip, sha256, temporaryFolder } from './tool-fixtures.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

const DIGEST = 'ab'.repeat(32);
const PROGRAM = 'the program';
const LONG_LIMITS: DownloadLimits = { connectTimeoutMs: 30_000, idleTimeoutMs: 30_000 };

let publisher: FakePublisher;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  publisher = await createFakePublisher();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await publisher.close();
  await folder.remove();
});

function specOf(name: string, fileName: string): ToolSpec {
  return {
    version: '1.2.3',
    binary: 'demo',
    envVariable: 'DEMO_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ['linux-amd64'],
        url: `${publisher.url}/${name}/${fileName}`,
        checksumUrl: `${publisher.url}/${name}/checksums`,
        digest: 'sha256',
        ...(fileName === 'demo-linux' ? {} : { entry: '{os}-{arch}/demo' }),
      },
    ],
  };
}

async function download(
  name: string,
  options: { fileName?: string; signal?: AbortSignal; limits?: DownloadLimits } = {},
) {
  const directory = join(folder.path, name);
  const reports: string[] = [];
  await mkdir(directory, { recursive: true });
  const result = downloadOfficially({
    spec: specOf(name, options.fileName ?? 'demo.tar.gz'),
    platform: 'linux-amd64',
    directory,
    fetchImpl: fetch,
    limits: options.limits ?? LONG_LIMITS,
    report: (message) => reports.push(message),
    signal: options.signal ?? new AbortController().signal,
  });
  return { directory, reports, result };
}

function publish(name: string, fileName: string, content: Buffer): void {
  publisher.serve(`/${name}/${fileName}`, content);
  publisher.serve(`/${name}/checksums`, `${DIGEST}  other\n${sha256(content)}  ${fileName}\n`);
}

describe('a download with a matching checksum', () => {
  test.each(['demo.tar.gz', 'demo.zip', 'demo-linux'])(
    'extracts the program from %s and leaves no other file',
    async (fileName) => {
      const pack = { 'demo.tar.gz': packTar, 'demo.zip': packZip }[fileName];
      const content = (await pack?.('linux-amd64/demo', PROGRAM)) ?? Buffer.from(PROGRAM);
      publish(`good-${fileName}`, fileName, content);

      const { directory, result } = await download(`good-${fileName}`, { fileName });

      expect(await readFile(await result, 'utf8')).toBe(PROGRAM);
      expect(await readdir(directory)).toEqual(['demo']);
    },
  );

  test('reports its progress when it is large', async () => {
    publish('large', 'demo-linux', Buffer.alloc(6_000_000));
    publisher.serve('/large/demo-linux', Buffer.alloc(6_000_000));

    const { reports, result } = await download('large', { fileName: 'demo-linux' });
    await result;

    expect(reports[0]).toMatch(/^downloading demo 1\.2\.3 from 127\.0\.0\.1/);
    expect(reports.at(-1)).toBe('downloading demo 1.2.3: 100 %');
  });
});

test('deletes a download that does not match its checksum and does not let the resolver try another source', async () => {
  publish('forged', 'demo.tar.gz', await packTar('linux-amd64/demo', PROGRAM));
  publisher.serve('/forged/demo.tar.gz', await packTar('linux-amd64/demo', 'something else'));

  const { directory, result } = await download('forged');

  const error = await result.catch((reason: unknown) => reason);
  expect(error).not.toBeInstanceOf(AcquisitionFailed);
  expect(error).toHaveProperty('message', expect.stringContaining("does not match the publisher's sha256 checksum"));
  expect(await readdir(directory)).toEqual([]);
});

describe('AcquisitionFailed, which lets the resolver try the next source,', () => {
  const packed = packTar('linux-amd64/demo', PROGRAM);

  test.each<[string, RegExp, (name: string, content: Buffer) => void, Partial<DownloadLimits>]>([
    ['missing file', /returned 404/, () => undefined, {}],
    [
      'missing checksum',
      /contains no sha256 checksum of demo\.tar\.gz/,
      (name) => publisher.serve(`/${name}/checksums`, '<p>'),
      {},
    ],
    [
      'no response',
      /no response within 200 ms/,
      (name) => publisher.hang(`/${name}/checksums`),
      { connectTimeoutMs: 200 },
    ],
    ['truncated body', /terminated/, (name, content) => publisher.serveHalf(`/${name}/demo.tar.gz`, content), {}],
    [
      'stalled body',
      /no data for 200 ms/,
      (name, content) => publisher.stall(`/${name}/demo.tar.gz`, content),
      { idleTimeoutMs: 200 },
    ],
  ])('is thrown for: %s', async (fault, reason, inject, limits) => {
    const name = fault.replace(' ', '-');
    if (fault !== 'missing file') publish(name, 'demo.tar.gz', await packed);
    inject(name, await packed);

    const { result } = await download(name, { limits: { ...LONG_LIMITS, ...limits } });

    const error = await result.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(AcquisitionFailed);
    expect(error).toHaveProperty('message', expect.stringMatching(reason));
  });

  test('is thrown when no server listens', async () => {
    const closed = await createFakePublisher();
    await closed.close();
    const spec = specOf('closed', 'demo.tar.gz');
    const [source] = spec.downloads ?? [];

    const result = downloadOfficially({
      spec: { ...spec, downloads: source ? [{ ...source, checksumUrl: `${closed.url}/checksums` }] : [] },
      platform: 'linux-amd64',
      directory: folder.path,
      fetchImpl: fetch,
      limits: LONG_LIMITS,
      report: () => undefined,
      signal: new AbortController().signal,
    });

    await expect(result).rejects.toThrow(AcquisitionFailed);
  });
});

test('rejects with the reason of the abort', async () => {
  publisher.hang('/aborted/checksums');
  const abort = new AbortController();

  const { result } = await download('aborted', { signal: abort.signal });
  abort.abort(new Error('enough'));

  await expect(result).rejects.toThrow('enough');
});

test.each([
  ['one line per file', `${DIGEST}  a.tgz\n${'cd'.repeat(32)}  b.tgz\n`, 'cd'.repeat(32)],
  ['binary markers and folders', `${DIGEST} *dist/b.tgz\n`, DIGEST],
  ['only the digest', `${DIGEST}\n`, DIGEST],
  ['upper case', DIGEST.toUpperCase(), DIGEST],
  ['only another file', `${DIGEST}  a.tgz\n`, undefined],
  ['a digest of the wrong length', 'abcd  b.tgz', undefined],
  ['a web page', '<html>\n<body>\n', undefined],
])('findChecksum reads a checksum file with %s', (_, text, expected) => {
  expect(findChecksum(text, 'b.tgz', 'sha256')).toBe(expected);
});
