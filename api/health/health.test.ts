import { expect, test } from '@jest/globals';
import { createHealth } from './health.ts';

const never = () => new Promise<void>(() => undefined);

test('a check that never answers is down, and the others are not held up by it', async () => {
  const health = createHealth({ database: async () => undefined, temporal: never }, 10);
  expect(await health.check()).toEqual({ healthy: false, checks: { database: 'up', temporal: 'down' } });
});

test('a check that throws at once is down', async () => {
  const health = createHealth({
    database: () => {
      throw new Error('broken');
    },
  });
  expect(await health.check()).toEqual({ healthy: false, checks: { database: 'down' } });
});
