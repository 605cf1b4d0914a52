import { expect, test } from '@jest/globals';
import { createHealth } from './health.ts';

const never = () => new Promise<void>(() => undefined);

test('reports a check that never answers as down, without a delay of the other checks', async () => {
  const health = createHealth({ database: async () => undefined, temporal: never }, 10);
  expect(await health.check()).toEqual({ healthy: false, checks: { database: 'up', temporal: 'down' } });
});

test('reports a check that throws as down', async () => {
  const health = createHealth({
    database: () => {
      throw new Error('broken');
    },
  });
  expect(await health.check()).toEqual({ healthy: false, checks: { database: 'down' } });
});
