import { unsafeUniformIntDistribution, xoroshiro128plus } from 'pure-rand';

/** Random draws that depend on a seed only. */
export interface Random {
  /** Returns a whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** Returns true with this probability, from 0 to 1. */
  chance(probability: number): boolean;
  /** Returns one of the items. @throws Error when the list is empty. */
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): readonly T[];
}

const CHANCE_STEPS = 1_000_000;

/** Returns a generator. The same seed gives the same draws on every machine. */
export function randomFrom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const int = (min: number, max: number): number => unsafeUniformIntDistribution(min, max, generator);

  function pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('cannot pick from an empty list');
    return items[int(0, items.length - 1)] as T; // the index is within the list
  }

  function shuffled<T>(items: readonly T[]): readonly T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last -= 1) {
      const other = int(0, last);
      [result[last], result[other]] = [result[other] as T, result[last] as T]; // both indices are within the list
    }
    return result;
  }

  return { int, chance: (probability) => int(1, CHANCE_STEPS) <= probability * CHANCE_STEPS, pick, shuffled };
}
