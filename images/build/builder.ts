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
  /** Stage of the Dockerfile to stop at. */
  readonly target: string | undefined;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** The base was loaded from an archive: no registry is to be asked for it. */
  readonly baseIsLocal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Files that a RUN step may mount; they never become part of the image. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The docker-archive to write. */
  readonly archive: string;
}

export interface Builder {
  readonly name: BuilderName;
  /** Builds, and writes the archive; the archive is there in whole or not at all. */
  build(input: BuildInput): Promise<void>;
  /** Makes an archive known as a base for builds. */
  load(archive: string, reference: string): Promise<void>;
}

// A cold build of the Medusa image takes minutes, most of them npm's.
const BUILD_TIMEOUT_MS = 60 * 60_000;
const PROBE_TIMEOUT_MS = 20_000;
const SHOWN_LINES = 25;

/**
 * The first program of docker, podman and buildah that works here. Docker's client without its daemon does not.
 *
 * @throws ImageError that tells what was tried.
 */
export async function findBuilder(options: {
  readonly storage: string;
  readonly wanted?: BuilderName | undefined;
  readonly log: (line: string) => void;
}): Promise<Builder> {
  const tried: string[] = [];
  for (const name of options.wanted === undefined ? BUILDERS : [options.wanted]) {
    const probe = name === 'buildah' ? ['--version'] : ['info'];
    const outcome = await execa(name, probe, { reject: false, timeout: PROBE_TIMEOUT_MS });
    if (!outcome.failed) return name === 'buildah' ? buildah(options) : dockerLike(name, options.log);
    tried.push(`${name} (${outcome.code === 'ENOENT' ? 'not installed' : 'does not answer'})`);
  }
  throw new ImageError(
    `nothing that builds images works here: ${tried.join(', ')}. On Debian: apt-get install --no-install-recommends buildah`,
  );
}

function dockerLike(name: 'docker' | 'podman', log: (line: string) => void): Builder {
  return {
    name,
    async build(input) {
      const env = { DOCKER_BUILDKIT: '1' };
      await run(name, ['build', ...buildOptions(input), '--tag', input.reference, input.context], { log, env });
      const format = name === 'podman' ? ['--format', 'docker-archive'] : [];
      await inWhole(input.archive, (part) =>
        run(name, ['save', ...format, '--output', part, input.reference], { log }),
      );
    },
    async load(archive) {
      await run(name, ['load', '--input', archive], { log });
    },
  };
}

/** Without a daemon and without namespaces of its own, so it also works inside a container. Keeps its store to itself. */
function buildah(options: { readonly storage: string; readonly log: (line: string) => void }): Builder {
  const { log } = options;
  const store = ['--root', join(options.storage, 'root'), '--runroot', join(options.storage, 'run')];
  return {
    name: 'buildah',
    async build(input) {
      const how = [
        '--isolation',
        'chroot',
        '--format',
        'docker',
        '--layers',
        // A failed build leaves nothing that would keep the next one's images from being removed.
        '--force-rm',
        ...(input.baseIsLocal ? ['--pull-never'] : []),
      ];
      await run('buildah', [...store, 'bud', ...how, ...buildOptions(input), '--tag', input.reference, input.context], {
        log,
      });
      await inWhole(input.archive, (part) =>
        run('buildah', [...store, 'push', input.reference, `docker-archive:${part}:${input.reference}`], { log }),
      );
      // The archive is all that is wanted; a base is loaded from its own when needed.
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

async function inWhole(archive: string, write: (part: string) => Promise<void>): Promise<void> {
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
  const end = all.split('\n').slice(-SHOWN_LINES).join('\n');
  throw new ImageError(`${program} ${timedOut ? 'took too long' : 'failed'}:\n${end}`);
}
