import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ENGINES, type Engine, engineSpec } from '../../domain/engines/index.ts';
import { type ChartImages, imagesInPlaceOf, type ImageName } from '../../images/build/catalogue.ts';
import { chartImages, readManifest, type Manifest } from '../../images/build/manifest.ts';
import { importImage, listImages } from './containerd.ts';
import { nodeLayout } from './node-layout.ts';

/** Returns the output folder of `npm run images`. */
export function defaultImagesFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'store-platform', 'images');
}

/**
 * Imports the built images into the node and writes the chart values that select them. Skips images that the node
 * already has. Reports each engine whose own images are not built: its stores fail with IMAGE_PULL_FAILED, unless a
 * registry has the default images of the chart.
 *
 * @returns the path of a file for `STORE_VALUES_FILE`.
 */
export async function provideStoreImages(input: {
  readonly stateDir: string;
  readonly imagesFolder: string;
  readonly report: (message: string) => void;
}): Promise<string> {
  const { stateDir, imagesFolder, report } = input;
  const manifest = withoutMissingArchives(await readManifest(imagesFolder));
  const nodeImages = new Set(await listImages(stateDir));
  const values: Record<string, unknown> = {};
  const wanted = new Set<ImageName>();
  for (const engine of ENGINES) {
    const { images } = engineSpec(engine);
    const lacking = ownImages(images).filter((name) => manifest.images[name] === undefined);
    if (lacking.length > 0) report(missing(engine, lacking));
    values[engine] = chartImages(manifest, images).values;
    for (const { name } of imagesInPlaceOf(images)) wanted.add(name);
  }
  for (const name of wanted) {
    const image = manifest.images[name];
    if (image === undefined) continue;
    const standIn = image.standsInFor === null ? '' : `, a stand-in for ${image.standsInFor}`;
    if (nodeImages.has(`${image.repository}:${image.tag}`)) continue;
    report(`Importing ${name}:${image.tag}${standIn} ...`);
    await importImage({ stateDir, archive: image.archive });
  }
  const file = join(nodeLayout(stateDir).config, 'store-values.json');
  await writeFile(file, `${JSON.stringify(values, null, 2)}\n`);
  return file;
}

/** Drops the images whose archive was deleted. */
function withoutMissingArchives({ images }: Manifest): Manifest {
  return { images: Object.fromEntries(Object.entries(images).filter(([, { archive }]) => existsSync(archive))) };
}

/** Returns the images that no registry has. The chart's other images are official ones. */
function ownImages(images: ChartImages): readonly ImageName[] {
  return imagesInPlaceOf(images)
    .filter(({ standsInFor }) => standsInFor === undefined)
    .map(({ name }) => name);
}

function missing(engine: Engine, names: readonly ImageName[]): string {
  return (
    `No ${engine} store can start here: the image${names.length > 1 ? 's' : ''} ${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not built. ` +
    `Run "npm run images -- ${names.join(' ')}" (with --standins where no image registry can be reached), then start again.`
  );
}
