import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ToolSpec } from '../tool-manifest.ts';
import { createFakePublisher, type FakePublisher } from './fake-publisher.ts';
import { downloadOfficially, findChecksum, type DownloadLimits } from './official-download.ts';
import { packTar, packZip, sha256, temporaryFolder } from './tool-fixtures.ts';
import { AcquisitionFailed } from './way-failed.ts';

const DIGEST = 'ab'.repeat(32);
const PROGRAM = 'the program';
const PATIENT: DownloadLimits = { connectTimeoutMs: 30_000, idleTimeoutMs: 30_000 };

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
  const outcome = downloadOfficially({
    spec: specOf(name, options.fileName ?? 'demo.tar.gz'),
    platform: 'linux-amd64',
    directory,
    fetchImpl: fetch,
    limits: options.limits ?? PATIENT,
    report: (message) => reports.push(message),
    signal: options.signal ?? new AbortController().signal,
  });
  return { directory, reports, outcome };
}

function publish(name: string, fileName: string, content: Buffer): void {
  publisher.serve(`/${name}/${fileName}`, content);
  publisher.serve(`/${name}/checksums`, `${DIGEST}  other\n${sha256(content)}  ${fileName}\n`);
}

describe('a download that matches its checksum', () => {
  test.each(['demo.tar.gz', 'demo.zip', 'demo-linux'])(
    'gives the program in %s and leaves nothing else',
    async (fileName) => {
      const pack = { 'demo.tar.gz': packTar, 'demo.zip': packZip }[fileName];
      const content = (await pack?.('linux-amd64/demo', PROGRAM)) ?? Buffer.from(PROGRAM);
      publish(`good-${fileName}`, fileName, content);

      const { directory, outcome } = await download(`good-${fileName}`, { fileName });

      expect(await readFile(await outcome, 'utf8')).toBe(PROGRAM);
      expect(await readdir(directory)).toEqual(['demo']);
    },
  );

  test('tells how far it is when it is large', async () => {
    publish('large', 'demo-linux', Buffer.alloc(6_000_000));
    publisher.serve('/large/demo-linux', Buffer.alloc(6_000_000));

    const { reports, outcome } = await download('large', { fileName: 'demo-linux' });
    await outcome;

    expect(reports[0]).toMatch(/^downloading demo 1\.2\.3 from 127\.0\.0\.1/);
    expect(reports.at(-1)).toBe('downloading demo 1.2.3: 100 %');
  });
});

test('a download that does not match its checksum is deleted, and no other way is tried', async () => {
  publish('forged', 'demo.tar.gz', await packTar('linux-amd64/demo', PROGRAM));
  publisher.serve('/forged/demo.tar.gz', await packTar('linux-amd64/demo', 'something else'));

  const { directory, outcome } = await download('forged');

  const error = await outcome.catch((reason: unknown) => reason);
  expect(error).not.toBeInstanceOf(AcquisitionFailed);
  expect(error).toHaveProperty('message', expect.stringContaining("does not match the publisher's sha256 checksum"));
  expect(await readdir(directory)).toEqual([]);
});

describe('the next way may be tried', () => {
  const packed = packTar('linux-amd64/demo', PROGRAM);

  test.each<[string, RegExp, (name: string, content: Buffer) => void, Partial<DownloadLimits>]>([
    ['nothing there', /answered 404/, () => undefined, {}],
    [
      'no checksum',
      /holds no sha256 checksum of demo\.tar\.gz/,
      (name) => publisher.serve(`/${name}/checksums`, '<p>'),
      {},
    ],
    ['silence', /no answer within 200 ms/, (name) => publisher.hang(`/${name}/checksums`), { connectTimeoutMs: 200 }],
    ['truncated', /terminated/, (name, content) => publisher.serveHalf(`/${name}/demo.tar.gz`, content), {}],
    [
      'stalled',
      /nothing received for 200 ms/,
      (name, content) => publisher.stall(`/${name}/demo.tar.gz`, content),
      { idleTimeoutMs: 200 },
    ],
  ])('after: %s', async (what, reason, spoil, limits) => {
    const name = what.replace(' ', '-');
    if (what !== 'nothing there') publish(name, 'demo.tar.gz', await packed);
    spoil(name, await packed);

    const { outcome } = await download(name, { limits: { ...PATIENT, ...limits } });

    const error = await outcome.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(AcquisitionFailed);
    expect(error).toHaveProperty('message', expect.stringMatching(reason));
  });

  test('after: no one listens', async () => {
    const gone = await createFakePublisher();
    await gone.close();
    const spec = specOf('gone', 'demo.tar.gz');
    const [source] = spec.downloads ?? [];

    const outcome = downloadOfficially({
      spec: { ...spec, downloads: source ? [{ ...source, checksumUrl: `${gone.url}/checksums` }] : [] },
      platform: 'linux-amd64',
      directory: folder.path,
      fetchImpl: fetch,
      limits: PATIENT,
      report: () => undefined,
      signal: new AbortController().signal,
    });

    await expect(outcome).rejects.toThrow(AcquisitionFailed);
  });
});

test('an aborted download ends with the reason of the abort', async () => {
  publisher.hang('/aborted/checksums');
  const abort = new AbortController();

  const { outcome } = await download('aborted', { signal: abort.signal });
  abort.abort(new Error('enough'));

  await expect(outcome).rejects.toThrow('enough');
});

test.each([
  ['one line per file', `${DIGEST}  a.tgz\n${'cd'.repeat(32)}  b.tgz\n`, 'cd'.repeat(32)],
  ['binary marks and folders', `${DIGEST} *dist/b.tgz\n`, DIGEST],
  ['nothing but the digest', `${DIGEST}\n`, DIGEST],
  ['upper case', DIGEST.toUpperCase(), DIGEST],
  ['another file only', `${DIGEST}  a.tgz\n`, undefined],
  ['a digest of another length', 'abcd  b.tgz', undefined],
  ['a web page', '<html>\n<body>\n', undefined],
])('a checksum file with %s is read', (_, text, expected) => {
  expect(findChecksum(text, 'b.tgz', 'sha256')).toBe(expected);
});
