import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import * as yauzl from 'yauzl';

/**
 * Extracts one file of an archive to `target`. Archives named `.zip` and `.whl` are zip files. All others are
 * compressed tar files.
 *
 * @throws Error when the archive does not contain `entry` or can't be read.
 */
export async function extractFile(input: {
  readonly archive: string;
  readonly entry: string;
  readonly target: string;
}): Promise<void> {
  const isZip = /\.(zip|whl)$/.test(input.archive);
  const extracted = isZip ? await extractFromZip(input) : await extractFromTar(input);
  if (!extracted) throw new Error(`${input.archive} does not contain ${input.entry}`);
}

type Extraction = Parameters<typeof extractFile>[0];

async function extractFromZip({ archive, entry, target }: Extraction): Promise<boolean> {
  const zip = await yauzl.openPromise(archive, { autoClose: false });
  try {
    for await (const candidate of zip.eachEntry()) {
      if (candidate.fileName !== entry) continue;
      await pipeline(await zip.openReadStreamPromise(candidate), createWriteStream(target));
      return true;
    }
    return false;
  } finally {
    zip.close();
  }
}

async function extractFromTar({ archive, entry, target }: Extraction): Promise<boolean> {
  const extractDir = await mkdtemp(join(dirname(target), 'unpacked-'));
  let found = false;
  await tar.extract({
    file: archive,
    cwd: extractDir,
    strict: true,
    filter: (path) => {
      const matches = path.replace(/^\.\//, '') === entry;
      found ||= matches;
      return matches;
    },
  });
  if (found) await rename(join(extractDir, entry), target);
  await rm(extractDir, { recursive: true });
  return found;
}
