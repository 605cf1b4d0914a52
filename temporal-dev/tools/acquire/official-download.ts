import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StackError } from '../../stack-error.ts';
import { fillTemplate, type OfficialDownload, type PlatformKey, type ToolSpec } from '../tool-manifest.ts';
import { extractFile } from './archive.ts';
import { AcquisitionFailed } from './way-failed.ts';

export interface DownloadLimits {
  /** Until the answer begins. Short, so that a closed network is noticed at once. */
  readonly connectTimeoutMs: number;
  /** Longest silence in mid-download. */
  readonly idleTimeoutMs: number;
}

export interface DownloadInput {
  readonly spec: ToolSpec;
  readonly platform: PlatformKey | undefined;
  /** Private folder for what is in the making. */
  readonly directory: string;
  readonly fetchImpl: typeof fetch;
  readonly limits: DownloadLimits;
  readonly report: (message: string) => void;
  readonly signal: AbortSignal;
}

// Below this size a download is over before anyone reads about its progress.
const PROGRESS_FROM_BYTES = 5_000_000;
const PROGRESS_STEP_PERCENT = 25;

/**
 * Gets the program from its publisher and compares it with the publisher's checksum file.
 *
 * @returns path of the program inside `directory`.
 * @throws WayFailed when nothing is published for the platform or the network does not deliver it.
 * @throws StackError when the digest does not match; the file is deleted.
 */
export async function downloadOfficially(input: DownloadInput): Promise<string> {
  const { spec, platform, directory } = input;
  const source = spec.downloads?.find((each) => platform !== undefined && each.platforms.includes(platform));
  if (platform === undefined || source === undefined) {
    throw new AcquisitionFailed('the publisher offers no file with a checksum for this platform');
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
        `deleted; try again, or set ${spec.envVariable} to a ${spec.binary} you trust`,
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
  wanted: { readonly url: string; readonly fileName: string; readonly source: OfficialDownload },
): Promise<string> {
  const text = await withResponse(input, wanted.url, (response) => response.text());
  const checksum = findChecksum(text, wanted.fileName, wanted.source.digest);
  if (checksum === undefined) {
    throw new AcquisitionFailed(`${wanted.url} holds no ${wanted.source.digest} checksum of ${wanted.fileName}`);
  }
  return checksum;
}

/** The digest of a file in a checksum file: lines of `digest  name`, or nothing but the digest. */
export function findChecksum(text: string, fileName: string, digest: OfficialDownload['digest']): string | undefined {
  const isDigest = digest === 'sha256' ? /^[0-9a-f]{64}$/i : /^[0-9a-f]{128}$/i;
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const named = lines.find(([, name]) => name !== undefined && basename(name.replace(/^\*/, '')) === fileName);
  const sole = lines.length <= 2 && lines[0]?.length === 1 ? lines[0] : undefined;
  const found = (named ?? sole)?.[0];
  return found !== undefined && isDigest.test(found) ? found.toLowerCase() : undefined;
}

async function downloadFile(
  input: DownloadInput,
  wanted: { readonly url: string; readonly file: string; readonly digest: string },
): Promise<string> {
  const hash = createHash(wanted.digest);
  await withResponse(input, wanted.url, async (response, alive) => {
    const progress = progressReporter(input, Number(response.headers.get('content-length') ?? 0));
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          alive();
          hash.update(chunk);
          progress(chunk.byteLength);
          yield chunk;
        }
      },
      createWriteStream(wanted.file),
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

/** Runs a request to its end. `alive` has to be called while the body comes in, or the request is given up. */
async function withResponse<Result>(
  { fetchImpl, limits, signal }: DownloadInput,
  url: string,
  consume: (response: Response, alive: () => void) => Promise<Result>,
): Promise<Result> {
  const tooSlow = new AbortController();
  const giveUp = (reason: string) => tooSlow.abort(new Error(reason));
  let timer = setTimeout(() => giveUp(`no answer within ${limits.connectTimeoutMs} ms`), limits.connectTimeoutMs);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => giveUp(`nothing received for ${limits.idleTimeoutMs} ms`), limits.idleTimeoutMs);
  };
  try {
    const response = await fetchImpl(url, { signal: AbortSignal.any([signal, tooSlow.signal]) });
    alive();
    if (!response.ok) {
      await response.body?.cancel();
      throw new AcquisitionFailed(`${url} answered ${response.status}`);
    }
    return await consume(response, alive);
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
