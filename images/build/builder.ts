import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { ImageError } from './image-error.ts';

export const BUILDERS = ['docker', 'podman', 'buildah'] as const;
export type BuilderName = (typeof BUILDERS)[number];

export interface BuildInput {
  readonly context: string;
  /** `repository:tag`. */
  readonly reference: string;
  /** Stage of the Dockerfile to build. Default: the last stage. */
  readonly target: string | undefined;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** True when the base image was loaded from an archive. The builder then pulls nothing from a registry. */
  readonly baseIsLocal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Paths of build secrets by id. RUN steps mount them; they never become part of the image. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Path of the docker-archive to write. */
  readonly archive: string;
}

export interface Builder {
  readonly name: BuilderName;
  /** Builds the image and writes its archive atomically. @throws ImageError with the end of the builder's output. */
  build(input: BuildInput): Promise<void>;
  /** Loads an archive as a base image for later builds. @throws ImageError with the end of the builder's output. */
  load(archive: string, reference: string): Promise<void>;
}

// A cold build of the Medusa image takes minutes, mostly for npm.
const BUILD_TIMEOUT_MS = 60 * 60_000;
const DETECT_TIMEOUT_MS = 20_000;
const ERROR_OUTPUT_LINES = 25;

/**
 * Returns the first of docker, podman and buildah that works on this machine. A docker client without a daemon does not work.
 *
 * @throws ImageError that lists the programs it tried.
 */
export async function findBuilder(options: {
  readonly storage: string;
  readonly wanted?: BuilderName | undefined;
  readonly log: (line: string) => void;
}): Promise<Builder> {
  const tried: string[] = [];
  for (const name of options.wanted === undefined ? BUILDERS : [options.wanted]) {
    const args = name === 'buildah' ? ['--version'] : ['info'];
    const outcome = await execa(name, args, { reject: false, timeout: DETECT_TIMEOUT_MS });
    if (!outcome.failed) return name === 'buildah' ? buildah(options) : dockerLike(name, options.log);
    tried.push(`${name} (${outcome.code === 'ENOENT' ? 'not installed' : 'does not answer'})`);
  }
  throw new ImageError(
    `no image builder works on this machine: ${tried.join(', ')}. On Debian: apt-get install --no-install-recommends buildah`,
  );
}

function dockerLike(name: 'docker' | 'podman', log: (line: string) => void): Builder {
  return {
    name,
    async build(input) {
      const env = { DOCKER_BUILDKIT: '1' };
      await run(name, ['build', ...buildOptions(input), '--tag', input.reference, input.context], { log, env });
      const format = name === 'podman' ? ['--format', 'docker-archive'] : [];
      await writeAtomically(input.archive, (part) =>
        run(name, ['save', ...format, '--output', part, input.reference], { log }),
      );
    },
    async load(archive) {
      await run(name, ['load', '--input', archive], { log });
    },
  };
}

/** Runs buildah without a daemon and without user namespaces, so it works inside a container. Its image store is private. */
function buildah(options: { readonly storage: string; readonly log: (line: string) => void }): Builder {
  const { log } = options;
  const store = ['--root', join(options.storage, 'root'), '--runroot', join(options.storage, 'run')];
  return {
    name: 'buildah',
    async build(input) {
      const flags = [
        '--isolation',
        'chroot',
        '--format',
        'docker',
        '--layers',
        // Otherwise the container of a failed build prevents the removal of images later.
        '--force-rm',
        ...(input.baseIsLocal ? ['--pull-never'] : []),
      ];
      const args = ['bud', ...flags, ...buildOptions(input), '--tag', input.reference, input.context];
      await run('buildah', [...store, ...args], { log });
      await writeAtomically(input.archive, (part) =>
        run('buildah', [...store, 'push', input.reference, `docker-archive:${part}:${input.reference}`], { log }),
      );
      // The archive is the only result. `load` imports a base image from its archive again.
      await run('buildah', [...store, 'rmi', input.reference], { log });
    },
    async load(archive, reference) {
      const known = await execa('buildah', [...store, 'inspect', '--type', 'image', reference], { reject: false });
      if (!known.failed) return;
      await run('buildah', [...store, 'pull', `docker-archive:${archive}`], { log });
    },
  };
}

function buildOptions(input: BuildInput): string[] {
  return [
    ...(input.target === undefined ? [] : ['--target', input.target]),
    ...Object.entries(input.buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(input.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...Object.entries(input.secrets).flatMap(([id, path]) => ['--secret', `id=${id},src=${path}`]),
  ];
}

async function writeAtomically(archive: string, write: (part: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(archive), { recursive: true });
  const part = `${archive}.part`;
  await rm(part, { force: true });
  await write(part);
  await rename(part, archive);
}

async function run(
  program: string,
  args: readonly string[],
  { log, env = {} }: { readonly log: (line: string) => void; readonly env?: Readonly<Record<string, string>> },
): Promise<void> {
  const child = execa(program, args, { all: true, reject: false, env, timeout: BUILD_TIMEOUT_MS });
  for await (const line of child.iterable({ from: 'all' })) log(line);
  const { failed, all, timedOut } = await child;
  if (!failed) return;
  const end = all.split('\n').slice(-ERROR_OUTPUT_LINES).join('\n');
  throw new ImageError(
    `${program} ${timedOut ? `timed out after ${BUILD_TIMEOUT_MS / 60_000} min` : 'failed'}:\n${end}`,
  );
}
