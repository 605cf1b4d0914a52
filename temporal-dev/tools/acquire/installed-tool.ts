import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import semver from 'semver';
import which from 'which';
import { StackError } from '../../stack-error.ts';
import { acceptedVersions, type ToolSpec } from '../tool-spec.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface InstalledTool {
  readonly path: string;
  /** The version that the program prints, or 'unknown' when its output contains no version. */
  readonly version: string;
}

// A version command takes milliseconds. The limit stops a program that does something else.
const VERSION_TIMEOUT_MS = 15_000;

/**
 * Returns the executable that the tool's environment variable names. Accepts every version, because the user chose it.
 *
 * @throws AcquisitionFailed when the variable is not set.
 * @throws StackError when the variable names a file that is not executable.
 */
export async function findInEnvironment(spec: ToolSpec, env: Env): Promise<InstalledTool> {
  const value = env[spec.envVariable];
  if (value === undefined || value === '') throw new AcquisitionFailed('not set');
  const path = resolve(value);
  if (!(await isExecutable(path))) {
    throw new StackError(
      `${spec.envVariable} is set to ${value}, which is not an executable file: set it to the path of ${spec.binary}, or unset it ` +
        `to let the stack find or fetch ${spec.binary} ${spec.version}.`,
    );
  }
  return { path, version: (await readVersion({ path, spec, env })) ?? 'unknown' };
}

/**
 * Returns the first executable on PATH with an accepted version.
 *
 * @throws AcquisitionFailed that lists the rejected executables.
 */
export async function findOnPath(spec: ToolSpec, env: Env): Promise<InstalledTool> {
  const searchPath = env['PATH'];
  const candidates = searchPath ? await which(spec.binary, { all: true, nothrow: true, path: searchPath }) : null;
  if (candidates === null) throw new AcquisitionFailed(`contains no ${spec.binary}`);
  const rejected: string[] = [];
  for (const path of new Set(candidates)) {
    const version = await readVersion({ path, spec, env });
    if (version !== undefined && semver.satisfies(version, acceptedVersions(spec))) return { path, version };
    rejected.push(`${path} has ${version === undefined ? 'an unknown version' : `version ${version}`}`);
  }
  throw new AcquisitionFailed(`${rejected.join(', ')}; the required version is ${acceptedVersions(spec)}`);
}

/**
 * Runs the program's version command.
 *
 * @returns the first semantic version in its output. Undefined when the command fails or prints no version.
 */
export async function readVersion(input: {
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
