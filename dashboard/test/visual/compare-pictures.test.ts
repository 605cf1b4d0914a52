import { expect, test } from '@jest/globals';
import { PNG } from 'pngjs';
import { differenceOf } from './compare-pictures.ts';

const WIDTH = 192;
const HEIGHT = 96;

type Colour = readonly [number, number, number];
const WHITE: Colour = [255, 255, 255];
const INDIGO: Colour = [79, 70, 229];
const DARKER_INDIGO: Colour = [67, 56, 202];

/** Draws a picture from a function of its pixels. */
function picture(colourAt: (x: number, y: number) => Colour, width = WIDTH): Buffer {
  const png = new PNG({ width, height: HEIGHT });
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < width; x += 1) png.data.set([...colourAt(x, y), 255], (y * width + x) * 4);
  }
  return PNG.sync.write(png);
}

/** A button of 130 × 32 px, at a place that no tile begins at. */
function button(colour: Colour): Buffer {
  return picture((x, y) => (x >= 37 && x < 167 && y >= 41 && y < 73 ? colour : WHITE));
}

test('equal pictures are alike', () => {
  expect(differenceOf(button(INDIGO), button(INDIGO))).toBeUndefined();
});

test('a few single pixels, such as edges of letters, are alike', () => {
  const dotted = picture((x, y) => (x % 16 === 0 && y % 16 === 0 ? INDIGO : WHITE));
  expect(
    differenceOf(
      picture(() => WHITE),
      dotted,
    ),
  ).toBeUndefined();
});

test('a button with the next shade of its colour differs', () => {
  const difference = differenceOf(button(INDIGO), button(DARKER_INDIGO));
  expect(difference?.reason).toMatch(/100 % around 48, 48/);
  expect(PNG.sync.read(difference?.diff ?? Buffer.alloc(0))).toMatchObject({ width: WIDTH, height: HEIGHT });
});

test('many single pixels all over the picture differ', () => {
  const lines = picture((_x, y) => (y % 5 === 0 ? INDIGO : WHITE));
  expect(
    differenceOf(
      picture(() => WHITE),
      lines,
    )?.reason,
  ).toContain('of its pixels differ');
});

test('a picture of another size differs', () => {
  const wide = picture(() => WHITE, WIDTH + 1);
  expect(
    differenceOf(
      picture(() => WHITE),
      wide,
    ),
  ).toEqual({
    reason: 'it is 193 × 96 px and not 192 × 96 px',
    diff: undefined,
  });
});
