import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Activities } from '../../../activities/index.ts';
import type { OperationKind } from '../../../domain/operations/catalogue.ts';
import type { ActivityInput } from '../../../domain/operations/inputs.ts';

/**
 * The place in an activity at which a worker receives a signal. A fault point is a file: the environment writes it, and a worker
 * that has loaded `preload/activities.ts` reads it at the start of each activity. Only one worker can take the file, and the file
 * remains after the worker is killed.
 */
export interface FaultPoint {
  readonly activity: keyof Activities;
  /** `during`: `afterMs` after the start of the activity. */
  readonly moment: 'before' | 'during' | 'after';
  readonly afterMs?: number;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** Applies only to this store. Default: any store. */
  readonly storeId?: string;
  /** Applies only to operations of this kind. Default: any kind. */
  readonly operation?: OperationKind;
  /** Applies only when the activity records the start of this step, or `failed`. Default: any record. */
  readonly records?: string;
}

export interface TriggeredFaultPoint {
  readonly pid: number;
  readonly atMs: number;
  readonly storeId: string;
}

export interface FaultPoints {
  readonly folder: string;
  /** Replaces the fault point with this id. */
  set(id: string, faultPoint: FaultPoint): void;
  /** Returns which worker triggered the fault point and when, or undefined. */
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
        return JSON.parse(readFileSync(join(folder, `${id}.triggered`), 'utf8')) as TriggeredFaultPoint; // written by `noteTriggered`
      } catch {
        return undefined;
      }
    },
    clear: () => {
      for (const file of readdirSync(folder)) rmSync(join(folder, file), { force: true });
    },
  };
}

/** Called in a worker. Takes a fault point that matches this call of an activity, so that no other worker can take it. */
export function takeFaultPoint(
  folder: string,
  activity: string,
  input: Partial<ActivityInput>,
): (FaultPoint & { id: string }) | undefined {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.set')) continue;
    const id = file.slice(0, -'.set'.length);
    const faultPoint = readFaultPoint(join(folder, file));
    if (faultPoint === undefined || !matches(faultPoint, activity, input)) continue;
    try {
      renameSync(join(folder, file), join(folder, `${id}.taken`));
      return { ...faultPoint, id };
    } catch {
      // another worker has taken it
    }
  }
  return undefined;
}

/** Called in a worker. Records that the fault point triggers, before the worker signals itself. */
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

function matches(faultPoint: FaultPoint, activity: string, input: Partial<ActivityInput>): boolean {
  return (
    faultPoint.activity === activity &&
    (faultPoint.storeId === undefined || faultPoint.storeId === input.store?.storeId) &&
    (faultPoint.operation === undefined || faultPoint.operation === input.run?.kind) &&
    (faultPoint.records === undefined || faultPoint.records === recordedBy(input))
  );
}

/** Returns what a call of `recordProgress` records: the name of the started step, or `failed`. */
function recordedBy(input: object): string | undefined {
  const { started, failed } = input as { started?: string | null; failed?: object | null };
  return failed === null || failed === undefined ? (started ?? undefined) : 'failed';
}
