import type { FaultKind } from '../fault-kind.ts';
import { randomFrom } from '../traffic/random.ts';

/** A run of one fault. Only its seed decides what the clients do and when the fault is injected. */
export interface PlannedRun {
  readonly kind: FaultKind;
  readonly seed: number;
}

/**
 * Yields an infinite list of runs. Each round runs all kinds in a new order. The first run has the seed itself, so that
 * `--only KIND --seed SEED` repeats one run.
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
