import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import semver from 'semver';
import which from 'which';
import { StackError } from '../../stack-error.ts';
import { acceptedVersions, type ToolSpec } from '../tool-manifest.ts';
import { AcquisitionFailed } from './way-failed.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface InstalledTool {
  readonly path: string;
  /** What the program says of itself; 'unknown' when it says nothing that looks like a version. */
  readonly version: string;
}

// Printing a version takes milliseconds; a program that starts something instead must not hold up the search.
const VERSION_TIMEOUT_MS = 15_000;

/**
 * The executable that the tool's environment variable names. It is used whatever its version is: who names it wants it.
 *
 * @throws WayFailed when the variable is not set.
 * @throws StackError when it names something that can't be run.
 */
export async function findInEnvironment(spec: ToolSpec, env: Env): Promise<InstalledTool> {
  const named = env[spec.envVariable];
  if (named === undefined || named === '') throw new AcquisitionFailed('not set');
  const path = resolve(named);
  if (!(await isExecutable(path))) {
    throw new StackError(
      `${spec.envVariable} is set to ${named}, which is not an executable file; correct it, or unset it to let ` +
        `${spec.binary} ${spec.version} be found or fetched`,
    );
  }
  return { path, version: (await askVersion({ path, spec, env })) ?? 'unknown' };
}

/**
 * The first executable on PATH whose version will do.
 *
 * @throws WayFailed that says what was found instead.
 */
export async function findOnPath(spec: ToolSpec, env: Env): Promise<InstalledTool> {
  const searchPath = env['PATH'];
  const candidates = searchPath ? await which(spec.binary, { all: true, nothrow: true, path: searchPath }) : null;
  if (candidates === null) throw new AcquisitionFailed(`no ${spec.binary}`);
  const rejected: string[] = [];
  for (const path of new Set(candidates)) {
    const version = await askVersion({ path, spec, env });
    if (version !== undefined && semver.satisfies(version, acceptedVersions(spec))) return { path, version };
    rejected.push(`${path} is ${version ?? 'of unknown version'}`);
  }
  throw new AcquisitionFailed(`${rejected.join(', ')}; needed is ${acceptedVersions(spec)}`);
}

/**
 * Runs the program's version command.
 *
 * @returns the first thing in its output that is a semantic version, undefined when it fails or prints none.
 */
export async function askVersion(input: {
  readonly path: string;
  readonly spec: ToolSpec;
  readonly env: Env;
}): Promise<string | undefined> {
  const result = await execa(input.path, input.spec.versionArguments, {
    env: input.env,
    extendEnv: false,
    all: true,
    stdin: 'ignore',
    reject: false,
    timeout: VERSION_TIMEOUT_MS,
  });
  if (result.failed) return undefined;
  return /\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?/.exec(result.all)?.[0];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
