import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** The environment variable that names the folder of the compiled platform. */
const COMPILED_PLATFORM = 'COMPILED_PLATFORM';

/**
 * Compiles the API and the worker into `folder`, as `npm run build` does but without the type check. A process that runs the
 * compiled files needs half the processor time to start.
 *
 * @returns The environment variable with which `programOf` finds the compiled files.
 * @throws Error with the compiler's output if the sources do not compile.
 */
export async function compilePlatform(
  folder: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<typeof COMPILED_PLATFORM, string>>> {
  await mkdir(folder, { recursive: true });
  await execa('tsc', ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', folder], {
    cwd: REPOSITORY,
    preferLocal: true,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  await Promise.all([
    cp(join(REPOSITORY, 'db', 'migrations'), join(folder, 'db', 'migrations'), { recursive: true }),
    cp(join(REPOSITORY, 'package.json'), join(folder, 'package.json')),
    symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules')),
    // The API serves the build of the dashboard, if there is one.
    symlink(join(REPOSITORY, 'dashboard'), join(folder, 'dashboard')),
  ]);
  return { [COMPILED_PLATFORM]: folder };
}

/** The programs of the platform, each with its module. */
const MODULES = { api: 'api/main', worker: 'worker/main', db: 'db/main', promote: 'worker/promote' } as const;

/**
 * Returns the arguments with which Node runs the API, a worker, the migration or the promotion of a worker version: the compiled file if
 * `env` names the compiled platform, or else the source through tsx. The working directory must be the repository.
 */
export function programOf(
  kind: keyof typeof MODULES,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const folder = env[COMPILED_PLATFORM];
  return folder === undefined ? ['--import', 'tsx', `${MODULES[kind]}.ts`] : [join(folder, `${MODULES[kind]}.js`)];
}
