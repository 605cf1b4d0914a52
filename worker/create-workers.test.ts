import { expect, test } from '@jest/globals';
import { recordSlots } from './create-workers.ts';

test('the activities that use records never need more connections than the pool has, for every pool size', () => {
  for (let size = 4; size <= 200; size += 1) {
    const { local, control } = recordSlots(size);
    expect(Math.min(local, control)).toBeGreaterThanOrEqual(1);
    expect(local + control).toBeLessThan(size);
  }
});
