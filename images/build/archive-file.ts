import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { z } from 'zod';
import { ImageError } from './image-error.ts';

const ArchiveManifest = z.tuple([z.object({ Config: z.string(), Layers: z.array(z.string()) })]);

/** Returns the names of the configuration and the layers in a docker-archive. The last layer is on top. */
export async function readArchive(
  archive: string,
): Promise<{ readonly config: string; readonly layers: readonly string[] }> {
  const { stdout } = await execa('tar', ['-xOf', archive, 'manifest.json']);
  const [{ Config: config, Layers: layers }] = ArchiveManifest.parse(JSON.parse(stdout));
  return { config, layers };
}

/**
 * Writes one small text file of an image to `to`.
 *
 * @param path in the image, without a leading slash.
 * @throws ImageError when no layer of the archive has the file.
 */
export async function extractFile({
  archive,
  path,
  to,
}: {
  readonly archive: string;
  readonly path: string;
  readonly to: string;
}): Promise<void> {
  const { layers } = await readArchive(archive);
  for (const layer of layers.toReversed()) {
    // Only the layer is large. It is piped and not kept.
    const unpacked = await execa('tar', ['-xOf', archive, layer], { buffer: false, reject: false }).pipe(
      'tar',
      ['-xOf', '-', path],
      { reject: false },
    );
    if (!unpacked.failed) return writeFile(to, unpacked.stdout);
  }
  throw new ImageError(`the image in ${archive} has no file /${path}`);
}
