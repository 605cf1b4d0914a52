import { expect, test } from '@jest/globals';
import { singleFlight } from './single-flight.ts';

test('runs concurrent calls with the same key once, and calls with another key separately', async () => {
  let runs = 0;
  const flight = singleFlight<number>();
  const work = async () => (runs += 1);
  const [first, second, other] = [flight('a', work), flight('a', work), flight('b', work)];
  expect([first.shared, second.shared, other.shared]).toEqual([false, true, false]);
  expect(await Promise.all([first.result, second.result, other.result])).toEqual([1, 1, 2]);
});

test('runs a call after the end again, also after a failure', async () => {
  const flight = singleFlight<string>();
  const failing = flight('a', () => Promise.reject(new Error('once')));
  await expect(failing.result).rejects.toThrow('once');
  expect(await flight('a', async () => 'again').result).toBe('again');
});
