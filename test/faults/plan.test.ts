import { describe, expect, test } from '@jest/globals';
import { CATALOGUE, SHORT_FORM } from './catalogue.ts';
import { readOptions } from './options.ts';
import { planRuns } from './plan.ts';
import { randomFrom } from './random.ts';
import { percentilesOf } from './report.ts';
import { drawTraffic } from './traffic.ts';

function firstRuns(seed: number, count: number): readonly string[] {
  const runs = planRuns(CATALOGUE, seed);
  return Array.from({ length: count }, () => {
    const { value } = runs.next();
    return `${value?.kind.kind} ${value?.seed}`;
  });
}

describe('a plan', () => {
  test('is the same for the same seed and another one for another', () => {
    expect(firstRuns(7, 100)).toEqual(firstRuns(7, 100));
    expect(firstRuns(7, 100)).not.toEqual(firstRuns(8, 100));
  });

  test('lets every fault have its turn in each round', () => {
    const kinds = firstRuns(7, CATALOGUE.length).map((run) => run.split(' ')[0]);
    expect(new Set(kinds).size).toBe(CATALOGUE.length);
  });

  test('begins with the seed itself, so that one run can be repeated', () => {
    expect(firstRuns(42, 1)[0]).toMatch(/ 42$/);
  });
});

test('the traffic of a run depends on its seed alone', () => {
  const draw = (seed: number) => drawTraffic(randomFrom(seed), 'run', { clients: 3, storesEach: 5 });
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});

test('the short form is a part of the catalogue', () => {
  const kinds = new Set(CATALOGUE.map(({ kind }) => kind));
  expect([...SHORT_FORM].filter((kind) => !kinds.has(kind))).toEqual([]);
});

test('the catalogue has at least 25 kinds, each under a name of its own', () => {
  expect(new Set(CATALOGUE.map(({ kind }) => kind)).size).toBe(CATALOGUE.length);
  expect(CATALOGUE.length).toBeGreaterThanOrEqual(25);
});

describe('the command line', () => {
  const read = (...args: readonly string[]) => readOptions(args, () => 99);

  test('without anything asks for the long form under a new seed', () => {
    expect(read()).toMatchObject({ seed: 99, isShort: false, until: { kind: 'provisions', provisions: 1_000 } });
  });

  test('in the short form does each fault once, under the same seed everywhere', () => {
    expect(read('--short')).toMatchObject({ seed: 1, isShort: true, until: { kind: 'round' } });
  });

  test('refuses what is no whole number, with the usage', () => {
    expect(() => read('--runs', '0')).toThrow(/--runs is a whole number/);
    expect(() => read('--what')).toThrow(/npm run faults/);
  });
});

test('percentiles are values that were seen', () => {
  expect(percentilesOf([])).toBeNull();
  expect(percentilesOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, max: 3 });
});
