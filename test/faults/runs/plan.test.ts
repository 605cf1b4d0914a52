import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../catalogue.ts';
import { planRuns } from './plan.ts';

function firstRuns(seed: number, count: number): readonly string[] {
  const runs = planRuns(CATALOGUE, seed);
  return Array.from({ length: count }, () => {
    const { value } = runs.next();
    return `${value?.kind.kind} ${value?.seed}`;
  });
}

describe('planRuns', () => {
  test('returns the same runs for the same seed and other runs for another seed', () => {
    expect(firstRuns(7, 100)).toEqual(firstRuns(7, 100));
    expect(firstRuns(7, 100)).not.toEqual(firstRuns(8, 100));
  });

  test('runs each fault once per round', () => {
    const kinds = firstRuns(7, CATALOGUE.length).map((run) => run.split(' ')[0]);
    expect(new Set(kinds).size).toBe(CATALOGUE.length);
  });

  test('gives the first run the seed itself, so that one run can be repeated', () => {
    expect(firstRuns(42, 1)[0]).toMatch(/ 42$/);
  });
});
