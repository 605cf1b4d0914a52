import { expect, test } from '@jest/globals';
import { depthOf } from './input-limits.ts';

test.each([
  ['', 0],
  ['7', 0],
  ['{}', 1],
  ['{"a":[{"b":1}],"c":{}}', 3],
  ['{"a":"[[[[","b":"\\"[["}', 1],
  ['["\\\\",[]]', 2],
  ['['.repeat(40_000), 40_000],
  [']]]][', 0],
])('the depth of %.30s is %i', (json, depth) => {
  expect(depthOf(json)).toBe(depth);
});
