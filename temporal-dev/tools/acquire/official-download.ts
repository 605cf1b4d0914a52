import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readText } from '../../../domain/bounded-response.ts';
import { StackError } from '../../stack-error.ts';
import { fillTemplate, type OfficialDownload, type PlatformKey, type ToolSpec } from '../tool-spec.ts';
import { extractFile } from './archive.ts';
import { AcquisitionFailed } from './acquisition-failed.ts';

export interface DownloadLimits {
  /** Time until the response begins. It is short, so that a blocked network is detected quickly. */
  readonly connectTimeoutMs: number;
  /** Longest time without data during a download. */
  readonly idleTimeoutMs: number;
}

export interface DownloadInput {
  readonly spec: ToolSpec;
  readonly platform: PlatformKey | undefined;
  /** Private work folder of this download. */
  readonly directory: string;
  readonly fetchImpl: typeof fetch;
  readonly limits: DownloadLimits;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}

// A smaller download finishes too fast for progress messages.
const PROGRESS_FROM_BYTES = 5_000_000;
const PROGRESS_STEP_PERCENT = 25;
/** A checksum file has one line for each file of a release. */
const MAX_CHECKSUM_BYTES = 1_048_576;

/**
 * Downloads the program from its publisher and verifies it against the publisher's checksum file.
 *
 * @returns the path of the program inside `directory`.
 * @throws AcquisitionFailed when the publisher has no file for the platform or the download fails.
 * @throws StackError when the digest does not match. The file is then deleted.
 */
export async function downloadOfficially(input: DownloadInput): Promise<string> {
  const { spec, platform, directory } = input;
  const source = spec.downloads?.find((each) => platform !== undefined && each.platforms.includes(platform));
  if (platform === undefined || source === undefined) {
    throw new AcquisitionFailed('the publisher has no file with a checksum for this platform');
  }
  const fill = (template: string) => fillTemplate(template, { version: spec.version, platform });
  const url = fill(source.url);
  const expected = await fetchChecksum(input, { url: fill(source.checksumUrl), fileName: basename(url), source });

  const file = join(directory, basename(url));
  input.report(`downloading ${spec.binary} ${spec.version} from ${new URL(url).host}`);
  const actual = await downloadFile(input, { url, file, digest: source.digest });
  if (actual !== expected) {
    await rm(file, { force: true });
    throw new StackError(
      `${url} does not match the publisher's ${source.digest} checksum (expected ${expected}, got ${actual}), so it was ` +
        `deleted: try again, or set ${spec.envVariable} to a ${spec.binary} that you trust.`,
    );
  }
  const program = join(directory, spec.binary);
  if (source.entry === undefined) await rename(file, program);
  else {
    await extractFile({ archive: file, entry: fill(source.entry), target: program });
    await rm(file);
  }
  return program;
}

async function fetchChecksum(
  input: DownloadInput,
  target: { readonly url: string; readonly fileName: string; readonly source: OfficialDownload },
): Promise<string> {
  const text = await withResponse(input, target.url, (response) => readText(response, MAX_CHECKSUM_BYTES));
  const checksum = findChecksum(text, target.fileName, target.source.digest);
  if (checksum === undefined) {
    throw new AcquisitionFailed(`${target.url} contains no ${target.source.digest} checksum of ${target.fileName}`);
  }
  return checksum;
}

/** Returns the digest of a file from a checksum file, which has lines of `digest  name` or only the digest. */
export function findChecksum(text: string, fileName: string, digest: OfficialDownload['digest']): string | undefined {
  const isDigest = digest === 'sha256' ? /^[0-9a-f]{64}$/i : /^[0-9a-f]{128}$/i;
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const namedLine = lines.find(([, name]) => name !== undefined && basename(name.replace(/^\*/, '')) === fileName);
  const onlyLine = lines.length <= 2 && lines[0]?.length === 1 ? lines[0] : undefined;
  const found = (namedLine ?? onlyLine)?.[0];
  return found !== undefined && isDigest.test(found) ? found.toLowerCase() : undefined;
}

/** Downloads a file. Returns its digest, in hex. @throws AcquisitionFailed when the download fails. */
export async function downloadFile(
  input: DownloadInput,
  target: { readonly url: string; readonly file: string; readonly digest: string },
): Promise<string> {
  const hash = createHash(target.digest);
  await withResponse(input, target.url, async (response, keepAlive) => {
    const progress = progressReporter(input, Number(response.headers.get('content-length') ?? 0));
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          keepAlive();
          hash.update(chunk);
          progress(chunk.byteLength);
          yield chunk;
        }
      },
      createWriteStream(target.file),
    );
  });
  return hash.digest('hex');
}

function progressReporter({ spec, report }: DownloadInput, totalBytes: number): (bytes: number) => void {
  let received = 0;
  let nextPercent = PROGRESS_STEP_PERCENT;
  return (bytes) => {
    received += bytes;
    if (totalBytes < PROGRESS_FROM_BYTES || (received / totalBytes) * 100 < nextPercent) return;
    const percent = Math.floor((received / totalBytes) * 100);
    report(`downloading ${spec.binary} ${spec.version}: ${percent} %`);
    nextPercent = percent - (percent % PROGRESS_STEP_PERCENT) + PROGRESS_STEP_PERCENT;
  };
}

/**
 * Runs a request until `consume` returns. `consume` calls `keepAlive` for each chunk, or the idle timeout aborts the
 * request.
 */
async function withResponse<Result>(
  { fetchImpl, limits, signal }: DownloadInput,
  url: string,
  consume: (response: Response, keepAlive: () => void) => Promise<Result>,
): Promise<Result> {
  const timeout = new AbortController();
  const abort = (reason: string) => timeout.abort(new Error(reason));
  let timer = setTimeout(() => abort(`no response within ${limits.connectTimeoutMs} ms`), limits.connectTimeoutMs);
  const keepAlive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort(`no data for ${limits.idleTimeoutMs} ms`), limits.idleTimeoutMs);
  };
  try {
    const response = await fetchImpl(url, { signal: AbortSignal.any([signal, timeout.signal]) });
    keepAlive();
    if (!response.ok) {
      await response.body?.cancel();
      throw new AcquisitionFailed(`${url} returned ${response.status}`);
    }
    return await consume(response, keepAlive);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AcquisitionFailed) throw error;
    throw new AcquisitionFailed(`${url}: ${describeNetworkError(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
