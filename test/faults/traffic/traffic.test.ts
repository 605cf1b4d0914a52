import { expect, test } from '@jest/globals';
import { randomFrom } from './random.ts';
import { drawTraffic } from './traffic.ts';

test('the traffic of a run depends on its seed only', () => {
  const draw = (seed: number) => drawTraffic(randomFrom(seed), 'run', { clients: 3, storesEach: 5 });
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});
