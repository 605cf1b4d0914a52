import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Whole files, and only those that exist because steps fail, workers die and people cancel. What says which step is undone by
 * which call is counted on neither side; nor is what has no counterpart on the other (fences against paused workers, holds).
 */
export const RECOVERY_CODE: readonly {
  readonly purpose: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}[] = [
  {
    purpose: 'undo in reverse order, whatever fails on the way',
    ours: ['workflows/saga.ts'],
    theirs: ['bench/alternative/queue/undo-task.ts'],
  },
  {
    purpose: 'what is tried again, how often, for how long',
    ours: ['workflows/activity-profiles.ts', 'workflows/record-writes.ts', 'activities/at-boundary.ts'],
    theirs: ['bench/alternative/queue/attempts.ts'],
  },
  {
    purpose: 'a dead worker is noticed and its work taken over; a cancel reaches a running step',
    ours: ['activities/attempt.ts'],
    theirs: ['bench/alternative/queue/dead-workers.ts', 'bench/alternative/queue/cancel.ts'],
  },
  { purpose: 'where a run is', ours: [], theirs: ['bench/alternative/queue/run-state.ts'] },
  {
    purpose: 'what is recorded is also started, and started again when its run is lost',
    ours: ['temporal/reconcile-schedule.ts', 'workflows/reconcile-stores.ts', 'activities/reconciliation.ts'],
    theirs: [],
  },
];

export interface RecoveryLines {
  readonly purpose: string;
  readonly ours: number;
  readonly theirs: number;
}

/** Lines of code of each purpose. @throws when a file is not there: the list must follow the code. */
export async function recoveryLines(): Promise<readonly RecoveryLines[]> {
  return Promise.all(
    RECOVERY_CODE.map(async ({ purpose, ours, theirs }) => ({
      purpose,
      ours: await linesOf(ours),
      theirs: await linesOf(theirs),
    })),
  );
}

async function linesOf(files: readonly string[]): Promise<number> {
  const sources = await Promise.all(
    files.map((file) => readFile(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')),
  );
  return sources.reduce((lines, source) => lines + codeLines(source), 0);
}

/** Lines that hold more than a comment or nothing. SQL in a template counts: it is code. */
export function codeLines(source: string): number {
  let inComment = false;
  let lines = 0;
  for (const line of source.split('\n').map((each) => each.trim())) {
    if (!inComment && line !== '' && !line.startsWith('//') && !line.startsWith('/*')) lines += 1;
    if (line.startsWith('/*')) inComment = true;
    if (line.endsWith('*/')) inComment = false;
  }
  return lines;
}
