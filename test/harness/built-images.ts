import { existsSync } from 'node:fs';
import type { ImageName } from '../../images/build/catalogue.ts';
import type { Manifest } from '../../images/build/manifest.ts';

/** Which of the images are not built, and how they are, in one sentence; undefined when all are there. */
export function notBuilt({ images }: Manifest, names: readonly ImageName[]): string | undefined {
  const missing = names.filter((name) => !existsSync(images[name]?.archive ?? ''));
  if (missing.length === 0) return undefined;
  return `the images ${missing.join(', ')} are not built: "npm run images -- --standins ${missing.join(' ')}"`;
}
