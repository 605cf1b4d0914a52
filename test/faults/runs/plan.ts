import type { FaultKind } from '../fault-kind.ts';
import { randomFrom } from '../traffic/random.ts';

/** A run of one fault. Its seed alone decides what clients do and where the fault strikes. */
export interface PlannedRun {
  readonly kind: FaultKind;
  readonly seed: number;
}

/**
 * The runs of a seed, without end: all kinds in a new order each round. The first run has the seed itself, so that one run of
 * one kind is repeated by its own seed.
 */
export function* planRuns(kinds: readonly FaultKind[], seed: number): Generator<PlannedRun> {
  const random = randomFrom(seed);
  let next = seed;
  for (;;) {
    for (const kind of random.shuffled(kinds)) {
      yield { kind, seed: next };
      next += 1;
    }
  }
}
