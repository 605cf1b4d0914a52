import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import semver from 'semver';
import { TOOLS } from './tool-manifest.ts';
import { acceptedVersions, fillTemplate, platformKey } from './tool-spec.ts';

const tools = Object.entries(TOOLS);

describe.each(tools)('%s', (_, spec) => {
  test('has an exact version, which is accepted on PATH, and a package registry or a Debian package', () => {
    expect(semver.valid(spec.version)).toBe(spec.version);
    expect(semver.satisfies(spec.version, acceptedVersions(spec))).toBe(true);
    expect(spec.go ?? spec.wheel ?? spec.debianPackage).toBeDefined();
  });

  test('has a go.mod that pins its version and lists its package', async () => {
    if (spec.go === undefined) return;
    const folder = join(import.meta.dirname, spec.go.folder);
    const goMod = await readFile(join(folder, 'go.mod'), 'utf8');
    expect(goMod).toMatch(new RegExp(`^(require )?\\s*${spec.go.module} v${spec.version}( // indirect)?$`, 'm'));
    expect(goMod).toMatch(new RegExp(`^(tool )?\\s*${spec.go.package}$`, 'm'));
    expect(await readFile(join(folder, 'go.sum'), 'utf8')).toContain(`${spec.go.module} v${spec.version} h1:`);
  });

  test('has https download URLs without placeholders and a checksum URL on the same host', () => {
    for (const source of spec.downloads ?? []) {
      for (const platform of source.platforms) {
        for (const template of [source.url, source.checksumUrl, source.entry ?? '']) {
          expect(fillTemplate(template, { version: spec.version, platform })).not.toMatch(/[{}]/);
        }
        expect(new URL(source.url).protocol).toBe('https:');
        expect(new URL(source.checksumUrl).host).toBe(new URL(source.url).host);
      }
    }
  });

  test('has a valid sha256 digest for each wheel', () => {
    for (const file of Object.values(spec.wheel?.files ?? {})) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('uses each environment variable for one tool only', () => {
  const variables = tools.map(([, spec]) => spec.envVariable);
  expect(new Set(variables).size).toBe(variables.length);
});

test.each([
  ['linux', 'x64', 'linux-amd64'],
  ['darwin', 'arm64', 'darwin-arm64'],
  ['win32', 'x64', undefined],
  ['linux', 'riscv64', undefined],
])('platformKey converts %s on %s to %s', (platform, arch, expected) => {
  expect(platformKey(platform, arch)).toBe(expected);
});
