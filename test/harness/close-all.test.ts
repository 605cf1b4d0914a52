import { expect, test } from '@jest/globals';
import { closeAll, closeWithin } from './close-all.ts';

test('runs all steps in order, also after one has failed, and throws the first error', async () => {
  const order: string[] = [];
  const step = (name: string) => async () => void order.push(name);
  const fails = (message: string) => () => Promise.reject(new Error(message));
  await expect(closeAll(step('one'), fails('first'), fails('second'), step('two'))).rejects.toThrow('first');
  expect(order).toEqual(['one', 'two']);
});

test('does not wait for a step that hangs, and names it', async () => {
  let isClosed = false;
  const hangs = () => new Promise<void>(() => undefined);
  const closes = async () => void (isClosed = true);
  await expect(closeWithin(20, [hangs, closes])).rejects.toThrow(/^step 1 of 2 did not end within 20 ms: .*Promise/);
  expect(isClosed).toBe(true);
});
