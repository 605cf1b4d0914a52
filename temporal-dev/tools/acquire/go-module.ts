import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import semver from 'semver';
import { fillTemplate, type GoProgram, type PlatformKey } from '../tool-spec.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

/** A program to build and the version for its linker flags. */
export interface GoTarget {
  readonly binary: string;
  readonly version: string;
  readonly program: GoProgram;
}

export interface GoBuildInput {
  /** One or more programs of the same folder. */
  readonly targets: readonly [GoTarget, ...GoTarget[]];
  /** Contains one folder with go.mod and go.sum per `GoProgram.folder`. */
  readonly modulesDirectory: string;
  readonly platform: PlatformKey | undefined;
  /** Private work folder of this build. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}

// The largest build takes 10 min on two cores, and three times as long with a cold module cache on a busy machine.
const BUILD_TIMEOUT_MS = 45 * 60_000;
const GO_VERSION_TIMEOUT_MS = 5 * 60_000; // `go version` may download the toolchain that go.mod names
const REPORT_EVERY_MS = 60_000;

/**
 * Builds all targets with one `go build`. It uses a private copy of go.mod and go.sum, so that the source folder never
 * changes. Go verifies every module against go.sum.
 *
 * @returns the paths of the programs inside `directory`, keyed by binary name.
 * @throws AcquisitionFailed when Go is missing, too old, or the build fails.
 */
export async function buildWithGo(input: GoBuildInput): Promise<ReadonlyMap<string, string>> {
  const { targets, directory, platform } = input;
  if (platform === undefined) throw new AcquisitionFailed('builds are supported only on Linux and macOS');
  const sources = join(directory, 'module');
  const output = join(directory, 'bin');
  await mkdir(sources, { recursive: true });
  await mkdir(output, { recursive: true });
  const [{ program, version }] = targets;
  for (const file of ['go.mod', 'go.sum']) {
    await copyFile(join(input.modulesDirectory, program.folder, file), join(sources, file));
  }
  await requireGoVersion(input, sources);

  const names = targets.map((target) => target.binary).join(', ');
  const activity = `building ${names} ${version} from source`;
  input.report(`${activity} (takes ${program.buildTime}, happens once)`);
  const started = performance.now();
  const stillBuilding = setInterval(() => {
    input.report(`still ${activity}, ${Math.round((performance.now() - started) / 60_000)} min elapsed`);
  }, REPORT_EVERY_MS);
  try {
    await runGo(input, { args: buildArguments(targets, output, platform), cwd: sources, timeoutMs: BUILD_TIMEOUT_MS });
  } finally {
    clearInterval(stillBuilding);
  }
  return new Map(targets.map((target) => [target.binary, join(output, builtName(target.program.package))]));
}

function buildArguments(targets: GoBuildInput['targets'], output: string, platform: PlatformKey): string[] {
  const [{ program, version }] = targets;
  const linkerFlags = `-s -w ${fillTemplate(program.linkerFlags ?? '', { version, platform })}`.trim();
  const packages = targets.map((target) => target.program.package);
  return ['build', '-mod=readonly', '-trimpath', '-ldflags', linkerFlags, '-o', `${output}/`, ...packages];
}

/**
 * Returns the name that Go gives an executable: the last part of its package path without a major version such as
 * `/v3`.
 */
export function builtName(packagePath: string): string {
  const parts = packagePath.split('/');
  const last = parts.at(-1) ?? '';
  return /^v[0-9]+$/.test(last) ? (parts.at(-2) ?? '') : last;
}

async function requireGoVersion(input: GoBuildInput, sources: string): Promise<void> {
  const required = /^go (\S+)$/m.exec(await readFile(join(sources, 'go.mod'), 'utf8'))?.[1] ?? '1.21';
  const tooOld = (found: string) =>
    new AcquisitionFailed(`Go ${found} is too old: install Go ${required} or later from https://go.dev/dl/`);
  let output: string;
  try {
    // Runs in the module folder: there Go 1.21 and later switch to the toolchain of go.mod, unless GOTOOLCHAIN forbids
    // it.
    output = await runGo(input, { args: ['version'], cwd: sources, timeoutMs: GO_VERSION_TIMEOUT_MS });
  } catch (error) {
    const running = error instanceof Error ? /running go (\d[\d.]*)/.exec(error.message)?.[1] : undefined;
    throw running === undefined ? error : tooOld(running);
  }
  const found = /go(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1] ?? '0';
  if (semver.lt(semver.coerce(found) ?? '0.0.0', semver.coerce(required) ?? '0.0.0')) throw tooOld(found);
}

async function runGo(
  { env, signal }: GoBuildInput,
  run: { readonly args: readonly string[]; readonly cwd: string; readonly timeoutMs: number },
): Promise<string> {
  const result = await execa('go', run.args, {
    cwd: run.cwd,
    env: { ...env, GOWORK: 'off' }, // ignore a go.work file in a parent of the cache folder
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: run.timeoutMs,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  if (result.code === 'ENOENT') throw new AcquisitionFailed('Go is not installed');
  if (result.timedOut) throw new AcquisitionFailed(`go ${run.args[0]} took longer than ${run.timeoutMs / 60_000} min`);
  const lastLines = result.stderr.trim().split('\n').slice(-3).join(' | ');
  throw new AcquisitionFailed(lastLines || result.shortMessage);
}
