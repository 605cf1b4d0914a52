import { expect, test } from '@jest/globals';
import { pause } from './pause.ts';

test('a pause ends after its time', async () => {
  const begin = performance.now();
  await pause(20);
  expect(performance.now() - begin).toBeGreaterThanOrEqual(19);
});

test('a pause ends at once with the reason of its signal, also if that was aborted before', async () => {
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(paused).rejects.toThrow('stopped');
  await expect(pause(60_000, controller.signal)).rejects.toThrow('stopped');
});
