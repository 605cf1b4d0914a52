import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivityInput } from '../../../domain/operations/types.ts';
import type { Activities } from '../../../activities/index.ts';

/**
 * Traps are files: the lab sets them, and a worker that was started with `preload/activities.ts` looks for them at each
 * activity. A file can be taken by one worker only, and outlives the worker that it kills.
 */
export interface Trap {
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

export interface SprungTrap {
  readonly pid: number;
  readonly atMs: number;
  readonly storeId: string;
}

export interface Traps {
  readonly folder: string;
  set(id: string, trap: Trap): void;
  sprung(id: string): SprungTrap | undefined;
  clear(): void;
}

export function openTraps(folder: string): Traps {
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    set: (id, trap) => {
      writeFileSync(join(folder, `${id}.draft`), JSON.stringify(trap));
      renameSync(join(folder, `${id}.draft`), join(folder, `${id}.set`));
    },
    sprung: (id) => {
      try {
        return JSON.parse(readFileSync(join(folder, `${id}.sprung`), 'utf8')) as SprungTrap; // written by `takeTrap`
      } catch {
        return undefined;
      }
    },
    clear: () => {
      for (const file of readdirSync(folder)) rmSync(join(folder, file), { force: true });
    },
  };
}

/** The worker's side: the trap that this call of an activity steps into, which is then nobody else's. */
export function takeTrap(
  folder: string,
  activity: string,
  input: Partial<ActivityInput>,
): (Trap & { id: string }) | undefined {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.set')) continue;
    const id = file.slice(0, -'.set'.length);
    const trap = readTrap(join(folder, file));
    if (trap === undefined || !isFor(trap, activity, input)) continue;
    try {
      renameSync(join(folder, file), join(folder, `${id}.taken`));
      return { ...trap, id };
    } catch {
      // another worker was quicker
    }
  }
  return undefined;
}

/** Says that the trap has sprung, before it does. */
export function noteSprung(folder: string, id: string, sprung: SprungTrap): void {
  writeFileSync(join(folder, `${id}.noting`), JSON.stringify(sprung));
  renameSync(join(folder, `${id}.noting`), join(folder, `${id}.sprung`));
}

function readTrap(path: string): Trap | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Trap; // written by `set`
  } catch {
    return undefined;
  }
}

function isFor(trap: Trap, activity: string, input: Partial<ActivityInput>): boolean {
  return (
    trap.activity === activity &&
    (trap.storeId === undefined || trap.storeId === input.store?.storeId) &&
    (trap.operation === undefined || trap.operation === input.run?.kind) &&
    (trap.records === undefined || trap.records === recordedBy(input))
  );
}

/** What a call of `recordProgress` writes: the step that it starts, or that something failed. */
function recordedBy(input: object): string | undefined {
  const { started, failed } = input as { started?: string | null; failed?: object | null };
  return failed === null || failed === undefined ? (started ?? undefined) : 'failed';
}
