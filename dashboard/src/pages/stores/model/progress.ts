import type { OperationDetail } from '@store-platform/client';
import type { TimelineStep } from './timeline.ts';

/** How far an operation has come, compared with past ones. */
export interface Progress {
  /** From 0 to 1. It stays below 1 while the operation runs. */
  readonly fraction: number;
  /** Seconds that the remaining steps usually need. */
  readonly remainingSeconds: number;
  /** Whether the step that runs needs longer than nine of ten past ones. */
  readonly isSlow: boolean;
}

const ALMOST = 0.98;

/** Returns the progress of the steps, or null if too few past operations are known. */
export function progressOf(
  steps: readonly TimelineStep[],
  { expected, now }: { readonly expected: OperationDetail['expected']; readonly now: Date },
): Progress | null {
  if (expected === null) return null;
  const usual = new Map(expected.steps.map((each) => [each.step, each]));
  let done = 0;
  let total = 0;
  let isSlow = false;
  for (const { step, state, attempts } of steps) {
    const { p50Seconds = 0, p90Seconds = 0 } = usual.get(step) ?? {};
    total += p50Seconds;
    if (state === 'done' || state === 'skipped') done += p50Seconds;
    const last = attempts.at(-1);
    if (state !== 'running' || last === undefined) continue;
    const elapsed = Math.max(0, (now.getTime() - Date.parse(last.startedAt)) / 1_000);
    done += Math.min(elapsed, p50Seconds);
    // A second is the resolution of a person, and the time until an event arrives.
    isSlow = p90Seconds > 0 && elapsed > p90Seconds + 1;
  }
  if (total === 0) return null;
  return { fraction: Math.min(done / total, ALMOST), remainingSeconds: Math.max(0, total - done), isSlow };
}
