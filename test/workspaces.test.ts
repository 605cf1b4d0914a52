import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

type Versions = Readonly<Record<string, string>>;
interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`../${folder}/package.json`, import.meta.url), 'utf8'));
}

/** Returns the version of each package that a `package.json` lists. */
function versionsOf({ dependencies, devDependencies }: Manifest): Versions {
  return { ...dependencies, ...devDependencies };
}

const root = manifestOf('.');

// With two versions, npm installs the package twice, and an object of one copy fails `instanceof` checks of the other.
test.each(root.workspaces ?? [])('%s lists each package at the version of the other package.json files', (folder) => {
  const own = versionsOf(manifestOf(folder));
  for (const other of ['.', ...(root.workspaces ?? [])]) {
    const versions = versionsOf(manifestOf(other));
    const shared = Object.keys(own).filter((name) => name in versions);
    expect(Object.fromEntries(shared.map((name) => [name, own[name]]))).toEqual(
      Object.fromEntries(shared.map((name) => [name, versions[name]])),
    );
  }
});

test('each version is exact', () => {
  for (const folder of ['.', ...(root.workspaces ?? [])]) {
    for (const version of Object.values(versionsOf(manifestOf(folder))))
      expect(version).toMatch(/^(npm:\w+@)?\d+\.\d+\.\d+(-\S+)?$/);
  }
});
