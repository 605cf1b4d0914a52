import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import * as yauzl from 'yauzl';

/**
 * Writes one file of an archive to `target`. The kind of archive follows from its name: `.zip` and `.whl` are zip, all
 * else is a compressed tar.
 *
 * @throws Error when the archive does not hold `entry` or can't be read.
 */
export async function extractFile(input: {
  readonly archive: string;
  readonly entry: string;
  readonly target: string;
}): Promise<void> {
  const isZip = /\.(zip|whl)$/.test(input.archive);
  const extracted = isZip ? await extractFromZip(input) : await extractFromTar(input);
  if (!extracted) throw new Error(`${input.archive} does not hold ${input.entry}`);
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
  const unpacked = await mkdtemp(join(dirname(target), 'unpacked-'));
  let held = false;
  await tar.extract({
    file: archive,
    cwd: unpacked,
    strict: true,
    filter: (path) => {
      const wanted = path.replace(/^\.\//, '') === entry;
      held ||= wanted;
      return wanted;
    },
  });
  if (held) await rename(join(unpacked, entry), target);
  await rm(unpacked, { recursive: true });
  return held;
}
