import { existsSync } from 'node:fs';
import { engineSpec, type Engine } from '../../domain/engines/index.ts';
import { imagesInPlaceOf, type ImageName } from '../../images/build/catalogue.ts';
import type { Manifest } from '../../images/build/manifest.ts';

/** Returns a sentence that names the images that are not built and the command that builds them, or undefined if all are built. */
export function notBuilt({ images }: Manifest, names: readonly ImageName[]): string | undefined {
  const missing = names.filter((name) => !existsSync(images[name]?.archive ?? ''));
  if (missing.length === 0) return undefined;
  return `the images ${missing.join(', ')} are not built. Run "npm run images -- --standins ${missing.join(' ')}"`;
}

/** Returns such a sentence about the images of an engine. Stand-ins for public images do not count. */
export function notBuiltFor(engine: Engine, manifest: Manifest): string | undefined {
  const own = imagesInPlaceOf(engineSpec(engine).images).filter(({ standsInFor }) => standsInFor === undefined);
  return notBuilt(
    manifest,
    own.map(({ name }) => name),
  );
}
