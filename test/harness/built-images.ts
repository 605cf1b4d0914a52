import { existsSync } from 'node:fs';
import type { ImageName } from '../../images/build/catalogue.ts';
import type { Manifest } from '../../images/build/manifest.ts';

/** Returns a sentence that names the images that are not built and the command that builds them, or undefined if all are built. */
export function notBuilt({ images }: Manifest, names: readonly ImageName[]): string | undefined {
  const missing = names.filter((name) => !existsSync(images[name]?.archive ?? ''));
  if (missing.length === 0) return undefined;
  return `the images ${missing.join(', ')} are not built. Run "npm run images -- --standins ${missing.join(' ')}"`;
}
