import { access, mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BUILDERS, type Builder, findBuilder } from './builder.ts';
import { type ImageName, IMAGES, imageSpec, type ImageSpec, repositoryOf } from './catalogue.ts';
import { prepareContext } from './context.ts';
import { ImageError } from './image-error.ts';
import { dockerCredentials, lockImages } from './lock.ts';
import { extractFile } from './archive-file.ts';
import { describeImage, recordImage } from './manifest.ts';
import { signArchive } from './sign-archive.ts';
import { ARCHIVE_NAMES, type ArchiveName } from './wordpress-archives.ts';

const USAGE = `Builds the container images of the stores and of the platform: npm run images -- [options] [names]
Locks the images of the charts: npm run images -- lock [--registry HOST]

  names            ${IMAGES.map(({ name }) => name).join(', ')}
                   (default: ${defaultNames({ standins: false }).join(', ')}, and with --standins all of them)
  --standins       make base and database images from Debian packages, for machines that reach no image registry
  --with NAME      builder: ${BUILDERS.join(', ')} (default: the first that works)
  --wordpress FILE, --woocommerce FILE, --wp-cli FILE
                   local archives. Without the option, the build looks for each archive in images/archives of the
                   repository, then in archives/ and downloads/ below the folder of the images, and then downloads it
                   from its publisher
  --npmrc FILE     npm settings for the build of Medusa, for networks with their own package registry
  --sign-key FILE  private key of cosign: signs each archive and writes the signature beside it. COSIGN_PASSWORD is its password
  --ca FILE        CA certificates to trust during the build (default: the file in NODE_EXTRA_CA_CERTS)

  lock             writes the digest of each image that the charts name to digests.json of the chart. It asks the registry, so
                   push the images first. It sends the credentials that docker login has saved
  --registry HOST  registry of every image whose repository names none (default: docker.io)

The folder of the images is ~/.cache/store-platform/images, or store-platform/images in XDG_CACHE_HOME. images.json in that folder lists
them.`;

interface Options {
  readonly standins: boolean;
  readonly names: readonly ImageName[];
  readonly archives: Readonly<Partial<Record<ArchiveName, string>>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly builder: (typeof BUILDERS)[number] | undefined;
  readonly folder: string;
  /** Path of the private key that signs the archives. */
  readonly signKey: string | undefined;
}

type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'lock'; readonly registry: string }
  | ({ readonly kind: 'build' } & Options);

function commandFrom(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      standins: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      with: text,
      wordpress: text,
      woocommerce: text,
      'wp-cli': text,
      npmrc: text,
      ca: text,
      registry: text,
      'sign-key': text,
    },
  });
  if (values.help) return { kind: 'help' };
  const folder = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'store-platform', 'images');
  if (positionals[0] === 'lock') {
    if (positionals.length > 1) throw new ImageError('lock takes no names: it locks every image of the charts');
    return { kind: 'lock', registry: values.registry ?? 'docker.io' };
  }
  if (values.registry !== undefined) throw new ImageError('--registry is an option of lock');
  const ca = values.ca ?? env['NODE_EXTRA_CA_CERTS'];
  return {
    kind: 'build',
    standins: values.standins,
    names: positionals.length === 0 ? defaultNames(values) : positionals.map(knownName),
    archives: Object.fromEntries(
      ARCHIVE_NAMES.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
    ),
    secrets: { ...(ca ? { ca } : {}), ...(values.npmrc ? { npmrc: values.npmrc } : {}) },
    builder: values.with === undefined ? undefined : knownBuilder(values.with),
    folder,
    signKey: values['sign-key'],
  };
}

/** Returns the images that are built when no name is given. A part of an image is built by name only. */
function defaultNames({ standins }: { readonly standins: boolean }): readonly ImageName[] {
  const whole = IMAGES.filter(({ target }) => target === undefined);
  return whole.filter(({ standsInFor }) => standins || standsInFor === undefined).map(({ name }) => name);
}

function knownName(given: string): ImageName {
  const spec = IMAGES.find(({ name }) => name === given);
  if (spec === undefined)
    throw new ImageError(`unknown image ${given}: use one of ${IMAGES.map(({ name }) => name).join(', ')}`);
  return spec.name;
}

function knownBuilder(given: string): (typeof BUILDERS)[number] {
  const builder = BUILDERS.find((name) => name === given);
  if (builder === undefined)
    throw new ImageError(`unknown builder ${given} in --with: use one of ${BUILDERS.join(', ')}`);
  return builder;
}

/** Builds an image unless an archive with the same content exists. @returns the tag of the image. */
async function ensureImage(
  spec: ImageSpec,
  given: { readonly builder: Builder; readonly options: Options; readonly done: Map<ImageName, string> },
): Promise<string> {
  const { builder, options, done } = given;
  const known = done.get(spec.name);
  if (known !== undefined) return known;
  const baseTag =
    spec.base !== undefined && options.standins ? await ensureImage(imageSpec(spec.base.standin), given) : undefined;
  const buildArguments: Record<string, string> = {};
  if (spec.base !== undefined && baseTag !== undefined) {
    buildArguments[spec.base.argument] = `${repositoryOf(spec.base.standin)}:${baseTag}`;
  }
  const directory = join(options.folder, 'contexts', spec.name);
  const context = await prepareContext(
    spec,
    { ...buildArguments, arch: process.arch, ...(spec.target === undefined ? {} : { target: spec.target }) },
    {
      imagesFolder: fileURLToPath(new URL('..', import.meta.url)),
      directory,
      downloadFolder: join(options.folder, 'downloads'),
      sharedArchives: join(options.folder, 'archives'),
      archives: options.archives,
      fetchImpl: fetch,
      log,
    },
  );
  const tag = `${spec.version}-${context.hash}`;
  const archive = join(options.folder, `${spec.name}-${tag}.tar`);
  const reference = `${repositoryOf(spec.name)}:${tag}`;
  if (await exists(archive)) {
    log(`${spec.name}:${tag} already exists`);
  } else {
    const startedMs = Date.now();
    await context.complete();
    if (spec.base !== undefined && baseTag !== undefined) {
      const base = `${spec.base.standin}-${baseTag}.tar`;
      await builder.load(join(options.folder, base), `${repositoryOf(spec.base.standin)}:${baseTag}`);
    }
    log(`building ${spec.name}:${tag} with ${builder.name}${baseTag === undefined ? '' : ' on a stand-in base image'}`);
    const labels = { 'org.opencontainers.image.version': spec.version };
    await builder.build({
      context: directory,
      reference,
      target: spec.target,
      buildArguments: { ...buildArguments, ...context.buildArguments },
      baseIsLocal: baseTag !== undefined,
      labels,
      secrets: options.secrets,
      archive,
    });
    log(`built ${spec.name}:${tag} in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  }
  await rm(directory, { recursive: true });
  if (spec.sbom !== undefined) await extractFile({ archive, path: spec.sbom, to: `${archive}.cdx.json` });
  if (options.signKey !== undefined) await signArchive({ archive, key: options.signKey, log });
  done.set(spec.name, tag);
  await recordImage(
    options.folder,
    spec.name,
    describeImage(spec.name, { tag, archive, standsInFor: spec.standsInFor }),
  );
  return tag;
}

async function main(): Promise<void> {
  const command = commandFrom(process.argv.slice(2), process.env);
  switch (command.kind) {
    case 'help':
      console.log(USAGE);
      return;
    case 'lock':
      return lock(command.registry);
    case 'build':
      return build(command);
    default:
      command satisfies never;
  }
}

async function lock(registry: string): Promise<void> {
  const problems = await lockImages({
    chartsFolder: fileURLToPath(new URL('../../helm', import.meta.url)),
    registry,
    fetchImpl: fetch,
    credentialsOf: await dockerCredentials(join(homedir(), '.docker', 'config.json')),
    log,
  });
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

async function build(options: Options): Promise<void> {
  await mkdir(options.folder, { recursive: true });
  const verbose = process.env['LOG_LEVEL'] === 'debug';
  const builder = await findBuilder({
    storage: join(options.folder, 'buildah'),
    wanted: options.builder,
    log: (line) => void (verbose && log(`  ${line}`)),
  });
  const done = new Map<ImageName, string>();
  const problems: string[] = [];
  for (const name of options.names) {
    try {
      await ensureImage(imageSpec(name), { builder, options, done });
    } catch (error) {
      // Other images can still succeed: only WooCommerce needs archives.
      if (!(error instanceof ImageError)) throw error;
      problems.push(error.message);
      console.error(error.message);
    }
  }
  if (problems.length > 0) process.exitCode = 1;
  log(`the images and images.json are in ${options.folder}`);
}

function log(line: string): void {
  console.log(line);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
