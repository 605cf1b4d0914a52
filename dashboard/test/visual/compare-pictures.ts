import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** Share of all pixels that may differ, for example because another version of the browser draws edges of letters differently. */
const MAX_SHARE = 0.01;
/** Part of a picture that is looked at on its own: a small element that changes its colour is below the share of all pixels. */
const TILE_PX = 16;
/** Share of a tile from which it is more than the edges of letters. */
const MAX_TILE_SHARE = 0.75;
/** The smallest difference of colour that counts, from 0 to 1. The next shade of a colour differs by 0.05. */
const COLOUR_THRESHOLD = 0.02;

/** How two pictures differ. */
export interface Difference {
  /** One sentence for the message of a test. */
  readonly reason: string;
  /** A picture with the differing pixels in red. Undefined: the sizes differ. */
  readonly diff: Buffer | undefined;
}

/** Compares two pictures in the format PNG. Returns undefined if they are alike. */
export function differenceOf(expected: Buffer, actual: Buffer): Difference | undefined {
  const [before, after] = [PNG.sync.read(expected), PNG.sync.read(actual)];
  const { width, height } = before;
  if (after.width !== width || after.height !== height) {
    return { reason: `it is ${after.width} × ${after.height} px and not ${width} × ${height} px`, diff: undefined };
  }
  const mask = new PNG({ width, height });
  const count = pixelmatch(before.data, after.data, mask.data, width, height, {
    threshold: COLOUR_THRESHOLD,
    diffMask: true,
  });
  const share = count / (width * height);
  const tile = worstTile(mask);
  if (share <= MAX_SHARE && tile.share <= MAX_TILE_SHARE) return undefined;
  const reason = `${(share * 100).toFixed(2)} % of its pixels differ, and ${Math.round(tile.share * 100)} % around ${tile.x}, ${tile.y}`;
  const diff = new PNG({ width, height });
  pixelmatch(before.data, after.data, diff.data, width, height, { threshold: COLOUR_THRESHOLD });
  return { reason, diff: PNG.sync.write(diff) };
}

/** Returns the tile with the largest share of differing pixels. */
function worstTile(mask: PNG): { readonly x: number; readonly y: number; readonly share: number } {
  let worst = { x: 0, y: 0, share: 0 };
  for (let y = 0; y + TILE_PX <= mask.height; y += TILE_PX) {
    for (let x = 0; x + TILE_PX <= mask.width; x += TILE_PX) {
      const share = shareOf(mask, x, y);
      if (share > worst.share) worst = { x, y, share };
    }
  }
  return worst;
}

const BYTES_PER_PIXEL = 4;
const OPACITY = 3;

/** The mask is transparent where the pictures are alike. */
function shareOf({ width, data }: PNG, left: number, top: number): number {
  let differing = 0;
  for (let y = top; y < top + TILE_PX; y += 1) {
    for (let x = left; x < left + TILE_PX; x += 1) {
      if ((data[(y * width + x) * BYTES_PER_PIXEL + OPACITY] ?? 0) > 0) differing += 1;
    }
  }
  return differing / TILE_PX ** 2;
}
