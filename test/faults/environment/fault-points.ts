import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivityInput } from '../../../domain/operations/types.ts';
import type { Activities } from '../../../activities/index.ts';

/**
 * Traps are files: the environment sets them, and a worker that was started with `preload/activities.ts` looks for them at each
 * activity. A file can be taken by one worker only, and outlives the worker that it kills.
 */
export interface FaultPoint {
  readonly activity: keyof Activities;
  /** `during`: `afterMs` after the activity began. */
  readonly moment: 'before' | 'during' | 'after';
  readonly afterMs?: number;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** Only for this store. */
  readonly storeId?: string;
  /** Only in an operation of this kind. */
  readonly operation?: 'provision' | 'delete';
  /** Only for the record of this step's start, or of a failure. */
  readonly records?: string;
}

export interface TriggeredFaultPoint {
  readonly pid: number;
  readonly atMs: number;
  readonly storeId: string;
}

export interface FaultPoints {
  readonly folder: string;
  set(id: string, faultPoint: FaultPoint): void;
  triggered(id: string): TriggeredFaultPoint | undefined;
  clear(): void;
}

export function openFaultPoints(folder: string): FaultPoints {
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    set: (id, faultPoint) => {
      writeFileSync(join(folder, `${id}.draft`), JSON.stringify(faultPoint));
      renameSync(join(folder, `${id}.draft`), join(folder, `${id}.set`));
    },
    triggered: (id) => {
      try {
        return JSON.parse(readFileSync(join(folder, `${id}.triggered`), 'utf8')) as TriggeredFaultPoint; // written by `takeTrap`
      } catch {
        return undefined;
      }
    },
    clear: () => {
      for (const file of readdirSync(folder)) rmSync(join(folder, file), { force: true });
    },
  };
}

/** The worker's side: the faultPoint that this call of an activity steps into, which is then nobody else's. */
export function takeFaultPoint(
  folder: string,
  activity: string,
  input: Partial<ActivityInput>,
): (FaultPoint & { id: string }) | undefined {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.set')) continue;
    const id = file.slice(0, -'.set'.length);
    const faultPoint = readFaultPoint(join(folder, file));
    if (faultPoint === undefined || !isFor(faultPoint, activity, input)) continue;
    try {
      renameSync(join(folder, file), join(folder, `${id}.taken`));
      return { ...faultPoint, id };
    } catch {
      // another worker was quicker
    }
  }
  return undefined;
}

/** Says that the faultPoint has triggered, before it does. */
export function noteTriggered(folder: string, id: string, triggered: TriggeredFaultPoint): void {
  writeFileSync(join(folder, `${id}.noting`), JSON.stringify(triggered));
  renameSync(join(folder, `${id}.noting`), join(folder, `${id}.triggered`));
}

function readFaultPoint(path: string): FaultPoint | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as FaultPoint; // written by `set`
  } catch {
    return undefined;
  }
}

function isFor(faultPoint: FaultPoint, activity: string, input: Partial<ActivityInput>): boolean {
  return (
    faultPoint.activity === activity &&
    (faultPoint.storeId === undefined || faultPoint.storeId === input.store?.storeId) &&
    (faultPoint.operation === undefined || faultPoint.operation === input.run?.kind) &&
    (faultPoint.records === undefined || faultPoint.records === recordedBy(input))
  );
}

/** What a call of `recordProgress` writes: the step that it starts, or that something failed. */
function recordedBy(input: object): string | undefined {
  const { started, failed } = input as { started?: string | null; failed?: object | null };
  return failed === null || failed === undefined ? (started ?? undefined) : 'failed';
}
