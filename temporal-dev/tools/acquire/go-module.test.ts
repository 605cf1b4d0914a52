import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TOOLS } from '../tool-manifest.ts';
import { buildWithGo, builtName, type GoTarget } from './go-module.ts';
import { temporaryFolder, writeProgram } from './tool-fixtures.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

const TARGET: GoTarget = {
  binary: 'demo',
  version: '1.2.3',
  program: { folder: 'demo', package: 'example.org/demo', module: 'example.org/demo', buildTime: 'a moment' },
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'modules/demo'), { recursive: true });
  await writeFile(join(folder.path, 'modules/demo/go.mod'), 'module demo\n\ngo 1.26\n');
  await writeFile(join(folder.path, 'modules/demo/go.sum'), '');
});

afterEach(async () => {
  await folder.remove();
});

async function build(goScript?: string) {
  const bin = join(folder.path, 'bin');
  if (goScript !== undefined) await writeProgram(join(bin, 'go'), `#!/bin/sh\n${goScript}\n`);
  return await buildWithGo({
    targets: [TARGET],
    modulesDirectory: join(folder.path, 'modules'),
    platform: 'linux-amd64',
    directory: join(folder.path, 'work'),
    env: { PATH: bin, LOG: join(folder.path, 'log') },
    report: () => undefined,
    signal: new AbortController().signal,
  });
}

test('builds with -mod=readonly in a copy of the module folder', async () => {
  const built = await build('echo "$PWD $*" >> "$LOG"; [ "$1" = build ] || echo "go version go1.26.8 linux/amd64"');

  expect(built.get('demo')).toBe(join(folder.path, 'work/bin/demo'));
  const log = await readFile(join(folder.path, 'log'), 'utf8');
  expect(log).toContain(`${join(folder.path, 'work', 'module')} build -mod=readonly -trimpath`);
});

test.each([
  ['a missing Go', undefined, 'Go is not installed'],
  ['an old Go', 'echo "go version go1.19.3 linux/amd64"', 'Go 1.19.3 is too old: install Go 1.26 or later'],
  [
    'a Go that must not switch its toolchain',
    'echo "go: go.mod requires go >= 1.26 (running go 1.22.1; GOTOOLCHAIN=local)" >&2; exit 1',
    'Go 1.22.1 is too old: install Go 1.26 or later',
  ],
  [
    'a build that fails',
    '[ "$1" = version ] && echo go1.26.8 && exit; echo "module lookup: no route to host" >&2; exit 1',
    'no route to host',
  ],
])('fails with the reason for %s', async (_, goScript, reason) => {
  const error = await build(goScript).catch((failure: unknown) => failure);

  expect(error).toBeInstanceOf(AcquisitionFailed);
  expect(error).toHaveProperty('message', expect.stringContaining(reason));
});

test.each([
  [TOOLS['kube-apiserver'].go?.package ?? '', 'kube-apiserver'],
  [TOOLS.etcd.go?.package ?? '', 'server'],
  [TOOLS.caddy.go?.package ?? '', 'caddy'],
])('names the program of package %s %s', (packagePath, name) => {
  expect(builtName(packagePath)).toBe(name);
});
