import { expect, test } from '@jest/globals';
import { paced } from './paced.ts';

test('works on at most the given number of items per second, and returns the results in order', async () => {
  const beganMs = performance.now();
  const doubled = await paced([1, 2, 3, 4, 5, 6], { storesPerSecond: 30 }, async (item) => item * 2);
  expect(doubled).toEqual([2, 4, 6, 8, 10, 12]);
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(190);
});

test('works on few items in parallel at any rate', async () => {
  let [running, most] = [0, 0];
  await paced(
    Array.from({ length: 40 }, (_, item) => item),
    { storesPerSecond: 1_000 },
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
    },
  );
  expect(most).toBe(8);
});

test('ends with the first error', async () => {
  const seen: number[] = [];
  const work = async (item: number) => {
    seen.push(item);
    if (item === 2) throw new Error('no cluster');
  };
  await expect(paced([1, 2, 3], { storesPerSecond: 5 }, work)).rejects.toThrow('no cluster');
  expect(seen).toEqual([1, 2]);
});
