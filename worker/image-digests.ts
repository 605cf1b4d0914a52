import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type JsonObject, mergedValues } from '../activities/release/values.ts';
import { ENGINES, type Engine, engineSpec } from '../domain/engines/index.ts';

const Image = z.object({ repository: z.string(), tag: z.string().default(''), digest: z.string().default('') });
const ChartFile = z.object({ appVersion: z.string().default('') });
const Locked = z.record(z.string(), z.string());

/** Ending of the tags of `npm run images`: the digest of the input of the build, so the tag never moves. */
const CONTENT_TAG = /-[0-9a-f]{12}$/;

/**
 * Lists the images that stores name by a tag that can move, as `repository:tag`: neither the operator's values nor the
 * `digests.json` of the chart contain their digest.
 *
 * @throws Error that names the file of a chart that cannot be read.
 */
export async function imagesWithoutDigest(
  chartsDir: string,
  overlays: Readonly<Partial<Record<Engine, JsonObject>>>,
): Promise<readonly string[]> {
  const images = await Promise.all(
    ENGINES.map(async (engine) => {
      const { chart, images: known } = engineSpec(engine);
      const file = (name: string) => readChartFile(join(chartsDir, chart, name));
      const { appVersion } = ChartFile.parse(await file('Chart.yaml'));
      const isLocked = await exists(join(chartsDir, chart, 'digests.json'));
      const locked = isLocked ? Locked.parse(await file('digests.json')) : {};
      const values = mergedValues((await file('values.yaml')) as JsonObject, overlays[engine] ?? {});
      return Object.keys(known)
        .map((path) => Image.safeParse(at(values, path)).data)
        .filter((image) => image !== undefined)
        .map(({ repository, tag, digest }) => ({ name: `${repository}:${tag || appVersion}`, digest }))
        .filter(({ name, digest }) => digest === '' && locked[name] === undefined && !CONTENT_TAG.test(name))
        .map(({ name }) => name);
    }),
  );
  return [...new Set(images.flat())];
}

async function readChartFile(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`the chart file ${path} cannot be read: ${String(cause)}. Check CHARTS_DIR`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function at(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], values);
}
