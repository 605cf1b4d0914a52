import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CoreV1Event } from '@kubernetes/client-node';
import { execa } from 'execa';
import getPort from 'get-port';
import type { JsonObject } from '../../activities/release/values.ts';
import { ENGINES, type Engine, engineSpec } from '../../domain/engines/index.ts';
import { imagesInPlaceOf } from '../../images/build/catalogue.ts';
import { chartImages, readManifest } from '../../images/build/manifest.ts';
import { createToolResolver } from '../../temporal-dev/tools/tool-resolver.ts';
import { eventually } from '../../test/harness/eventually.ts';

const tools = createToolResolver({ env: process.env, report: (message) => process.stderr.write(`${message}\n`) });

/** An image registry on this machine with every image of the charts. Layers are compressed, as in public registries. */
export interface ImageRegistry {
  /** Chart values with which stores pull their images from this registry. */
  readonly values: Readonly<Partial<Record<Engine, JsonObject>>>;
  stop(): Promise<void>;
}

/**
 * Starts the registry and pushes the images.
 *
 * @param input.images Folder with the output of `npm run images`.
 * @param input.folder Parent of the folder in which the registry stores the images. `stop` removes that folder.
 */
export async function startImageRegistry(input: {
  readonly images: string;
  readonly folder: string;
}): Promise<ImageRegistry> {
  const { path: crane } = await tools.resolve('crane');
  const address = `127.0.0.1:${await getPort()}`;
  const disk = join(input.folder, 'registry');
  await mkdir(disk);
  const registry = execa(crane, ['registry', 'serve', '--address', address, '--disk', disk], { reject: false });
  const stop = async (): Promise<void> => {
    registry.kill();
    await registry;
    await rm(disk, { recursive: true, force: true });
  };
  try {
    await eventually(async () => (await fetch(`http://${address}/v2/`)).ok);
    const manifest = await readManifest(input.images);
    const used = new Set<string>(
      ENGINES.flatMap((engine) => imagesInPlaceOf(engineSpec(engine).images).map(({ name }) => name)),
    );
    const images = Object.entries(manifest.images)
      .filter(([name]) => used.has(name))
      .map(([name, image]) => [name, { ...image, repository: `${address}/${name}` }] as const);
    for (const [, { archive, repository, tag }] of images) {
      await execa(crane, ['push', '--insecure', archive, `${repository}:${tag}`]);
    }
    const pushed = { images: Object.fromEntries(images) };
    const values = Object.fromEntries(
      ENGINES.map((engine) => [engine, chartImages(pushed, engineSpec(engine).images).values]),
    );
    return { values, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the time from the start of the first image pull to the end of the last one in milliseconds, with a resolution of 1 s. */
export function pullingMs(events: readonly CoreV1Event[]): number {
  const at = (wanted: string): number[] =>
    events
      .filter(({ reason }) => reason === wanted)
      .map(({ firstTimestamp }) => firstTimestamp?.getTime())
      .filter((time) => time !== undefined);
  const starts = at('Pulling');
  return starts.length === 0 ? 0 : Math.max(...at('Pulled')) - Math.min(...starts);
}
