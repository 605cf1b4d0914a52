import { chmod, copyFile, cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { TOOLS } from '../../temporal-dev/tools/tool-manifest.ts';
import { createToolResolver } from '../../temporal-dev/tools/tool-resolver.ts';
import { contextFiles } from './content-hash.ts';
import { ImageError } from './image-error.ts';

/** Workspaces that `npm run build` compiles. The other ones need only their package.json, because the lock file names them. */
const BUILT_WORKSPACES = ['cli', 'client', 'dashboard'] as const;
const ROOT_FILES = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json'] as const;
/** Folders of a working copy that tools create. */
const CREATED = /^(?:dist|coverage|node_modules)$/;

const RootPackage = z.object({ workspaces: z.array(z.string()) });
const BuildConfiguration = z.object({ include: z.array(z.string()) });

/**
 * Copies the input of the platform's image to the build context: `manifests/` for `npm ci`, `source/` for `npm run build`, `charts/` with the
 * charts of the stores. `complete` adds the pinned Helm.
 *
 * @returns the version of Helm, which is part of the image's digest.
 */
export async function platformSources({
  imagesFolder,
  directory,
  log,
}: {
  readonly imagesFolder: string;
  readonly directory: string;
  readonly log: (line: string) => void;
}) {
  const repository = join(imagesFolder, '..');
  const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(repository, path), 'utf8'));
  const { workspaces } = RootPackage.parse(await readJson('package.json'));
  const { include } = BuildConfiguration.parse(await readJson('tsconfig.build.json'));
  const manifests = [
    'package.json',
    'package-lock.json',
    '.npmrc',
    ...workspaces.map((name) => join(name, 'package.json')),
  ];
  await copyFiles(manifests, { from: repository, to: join(directory, 'manifests') });
  const folders = [
    ...include.map((pattern) => pattern.replace(/\/\*\*\/\*\.ts$/, '')),
    ...BUILT_WORKSPACES.filter((name) => workspaces.includes(name)),
  ];
  const sources = await Promise.all(folders.map((folder) => filesIn(repository, folder)));
  await copyFiles([...ROOT_FILES, ...sources.flat()], { from: repository, to: join(directory, 'source') });
  await copyFiles(await chartFiles(repository), { from: join(repository, 'helm'), to: join(directory, 'charts') });

  async function complete(): Promise<void> {
    if (process.platform !== 'linux')
      throw new ImageError('the image of the platform contains Helm for Linux: build it on Linux');
    const resolver = createToolResolver({ env: process.env, report: log });
    const { path } = await resolver.resolve('helm');
    await copyFile(path, join(directory, 'helm-program'));
    await chmod(join(directory, 'helm-program'), 0o755);
  }

  return { facts: { helm: TOOLS.helm.version }, buildArguments: { HELM_VERSION: TOOLS.helm.version }, complete };
}

/** Returns the paths of the source files of a folder, relative to the repository. */
async function filesIn(repository: string, folder: string): Promise<readonly string[]> {
  const files = await contextFiles(join(repository, folder));
  return files.filter((path) => !path.split('/').some((part) => CREATED.test(part))).map((path) => join(folder, path));
}

/** Returns the files of the charts of the stores, relative to the folder of the charts. The chart of the platform is not one of them. */
async function chartFiles(repository: string): Promise<readonly string[]> {
  const entries = await readdir(join(repository, 'helm'), { withFileTypes: true });
  const charts = entries.filter((entry) => entry.isDirectory() && entry.name !== 'platform').map(({ name }) => name);
  const files = await Promise.all(
    charts.map(async (chart) => (await contextFiles(join(repository, 'helm', chart))).map((path) => join(chart, path))),
  );
  return files.flat();
}

async function copyFiles(
  paths: readonly string[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(from, path), join(to, path));
  }
}
