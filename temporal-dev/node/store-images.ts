import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CHART_IMAGES, type ChartName, type ImageName, imageSpec } from '../../images/build/catalogue.ts';
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
  const charts = Object.keys(CHART_IMAGES) as ChartName[]; // the keys of a constant object
  const values: Record<string, unknown> = {};
  for (const chart of charts) {
    const missing = ownImages(chart).filter((name) => manifest.images[name] === undefined);
    if (missing.length > 0) report(describeMissing(chart, missing));
    values[chart] = chartImages(manifest, chart).values;
  }
  const names = new Set(charts.flatMap((chart) => Object.values(CHART_IMAGES[chart])));
  for (const name of names) {
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

/** Returns the images that exist only in this repository. A registry has the official version of the others. */
function ownImages(chart: ChartName): readonly ImageName[] {
  return Object.values(CHART_IMAGES[chart]).filter((name) => imageSpec(name).standsInFor === undefined);
}

function describeMissing(chart: ChartName, names: readonly ImageName[]): string {
  const subject = names.length > 1 ? `images ${names.join(' and ')} are` : `image ${names.join()} is`;
  return (
    `Stores with engine ${chart} can't start on this node, because the ${subject} not built: ` +
    `run "npm run images -- ${names.join(' ')}" (with --standins when no image registry is reachable), then start again.`
  );
}
