import type { DriftedObject } from './store.ts';

/** Equal repairs in a row after which the platform stops: with the pauses between them, they take about ten hours. */
export const MAX_EQUAL_REPAIRS = 8;
const FIRST_PAUSE_MS = 300_000; // the interval of the inspections: a shorter pause would have no effect
const LONGEST_PAUSE_MS = 86_400_000;
/** An object that stays as installed for this long after a repair starts from the beginning. */
const FORGET_AFTER_MS = 86_400_000;

/** The repairs of one deviation: the same fields of the same object. */
export interface RepairCount {
  /** See `deviationKey`. */
  readonly deviation: string;
  /** Repairs in a row. */
  readonly count: number;
  /** The newest one, in ISO 8601. */
  readonly repairedAt: string;
}

/** Returns the text that two deviations share if they differ in the same fields of the same object. */
export function deviationKey({ object, state, fields }: DriftedObject): string {
  return state === 'missing' ? `${object} is missing` : `${object}: ${fields.join(', ')}`;
}

/** Returns the repairs that still count: of objects that differ now, and of the last day. */
export function activeRepairs(
  repairs: readonly RepairCount[],
  drift: readonly DriftedObject[],
  now: Date,
): readonly RepairCount[] {
  const deviations = new Set(drift.map(deviationKey));
  return repairs.filter(
    ({ deviation, repairedAt }) => deviations.has(deviation) || msSince(repairedAt, now) < FORGET_AFTER_MS,
  );
}

/** Returns whether the platform may repair an object now. Each repair doubles the pause before the next equal one. */
export function isRepairDue(object: DriftedObject, repairs: readonly RepairCount[], now: Date): boolean {
  if (object.needsPerson !== null) return false;
  const past = repairs.find(({ deviation }) => deviation === deviationKey(object));
  if (past === undefined) return true;
  if (past.count >= MAX_EQUAL_REPAIRS) return false;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (past.count - 1), LONGEST_PAUSE_MS);
  return msSince(past.repairedAt, now) >= pauseMs;
}

/** Returns the objects that the platform no longer repairs, because they change again after every repair. */
export function suspendedObjects(
  drift: readonly DriftedObject[],
  repairs: readonly RepairCount[],
): readonly DriftedObject[] {
  const isUsedUp = (object: DriftedObject) =>
    repairs.some(({ deviation, count }) => deviation === deviationKey(object) && count >= MAX_EQUAL_REPAIRS);
  return drift.filter((object) => object.needsPerson === null && isUsedUp(object));
}

/** Counts a repair of each object. */
export function withRepairs(
  repairs: readonly RepairCount[],
  repaired: readonly DriftedObject[],
  now: Date,
): readonly RepairCount[] {
  const counted = repaired.map(deviationKey).map((deviation) => {
    const count = (repairs.find((past) => past.deviation === deviation)?.count ?? 0) + 1;
    return { deviation, count, repairedAt: now.toISOString() };
  });
  const others = repairs.filter(({ deviation }) => !counted.some((repair) => repair.deviation === deviation));
  return [...others, ...counted];
}

function msSince(iso: string, now: Date): number {
  return now.getTime() - Date.parse(iso);
}
