import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ChartImages, imageInPlaceOf, type ImageName, repositoryOf } from './catalogue.ts';

const BuiltImage = z.object({
  repository: z.string(),
  tag: z.string(),
  /** Path of its docker-archive. */
  archive: z.string(),
  /** The official image that this one replaces, or null. */
  standsInFor: z.string().nullable(),
});
export type BuiltImage = z.output<typeof BuiltImage>;

const Manifest = z.object({ images: z.record(z.string(), BuiltImage) });
export type Manifest = z.output<typeof Manifest>;

const FILE = 'images.json';

/** Reads images.json: the latest build of each image by name. Returns an empty manifest when the file does not exist. */
export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { images: {} };
    throw error;
  }
}

/** Adds or replaces one image in images.json. Writes the file atomically. */
export async function recordImage(folder: string, name: ImageName, image: BuiltImage): Promise<void> {
  const { images } = await readManifest(folder);
  const part = join(folder, `${FILE}.part`);
  await writeFile(part, `${JSON.stringify({ images: { ...images, [name]: image } }, null, 2)}\n`);
  await rename(part, join(folder, FILE));
}

export function describeImage(
  name: ImageName,
  built: { readonly tag: string; readonly archive: string; readonly standsInFor: string | undefined },
): BuiltImage {
  const { tag, archive } = built;
  return { repository: repositoryOf(name), tag, archive, standsInFor: built.standsInFor ?? null };
}

interface Values {
  [key: string]: Values | string;
}

/**
 * Returns Helm values that make a chart use the built images, and the paths of the archives that a node must load. An image
 * that was not built keeps the default of the chart: the official image.
 */
export function chartImages(
  manifest: Manifest,
  chart: ChartImages,
): { readonly values: Values; readonly archives: readonly string[] } {
  const values: Values = {};
  const archives: string[] = [];
  for (const [path, repository] of Object.entries(chart)) {
    const image = manifest.images[imageInPlaceOf(repository)?.name ?? ''];
    if (image === undefined) continue;
    archives.push(image.archive);
    let at = values;
    for (const key of path.split('.')) {
      const next = at[key] ?? {};
      at[key] = next;
      if (typeof next !== 'string') at = next;
    }
    at['repository'] = image.repository;
    at['tag'] = image.tag;
  }
  return { values, archives };
}
