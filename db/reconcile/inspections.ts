import { eq } from 'drizzle-orm';
import { isDeepStrictEqual } from 'node:util';
import type { Inspection, InspectionOutcome } from '../../domain/ports/reconcile-records.ts';
import { clearedConditions, type ConditionReport, type StoreCondition } from '../../domain/store/conditions.ts';
import {
  activeRepairs,
  deviationKey,
  MAX_EQUAL_REPAIRS,
  suspendedObjects,
  withRepairs,
  type RepairCount,
} from '../../domain/store/repairs.ts';
import type { DriftedObject } from '../../domain/store/store.ts';
import type { Transaction } from '../connection/open-db.ts';
import { stores } from '../schema/stores.ts';
import { reportConditions } from '../stores/conditions.ts';
import { appendEvents, type EventContext, type EventDraft } from '../stores/events.ts';
import { awaitsDelete, openOperation, withOperations, type StoreRecord } from '../stores/record.ts';
import { updateStore } from '../stores/transition.ts';

/** Names at most this many objects in a message. */
const MAX_NAMES = 3;

/** Locks a store of any tenant. */
export async function lockById(tx: Transaction, storeId: string): Promise<StoreRecord | undefined> {
  const [row] = await tx.select().from(stores).where(eq(stores.id, storeId)).for('update');
  return row === undefined ? undefined : withOperations(tx, row);
}

export function contextOf(record: StoreRecord, now: Date): EventContext {
  return {
    storeId: record.id,
    tenantId: record.tenantId,
    correlationId: record.operation.correlationId,
    operationId: null,
    now,
  };
}

/** See `ReconcileRecords`. */
export async function recordInspection(
  tx: Transaction,
  { storeId, drift, repaired }: Inspection,
  now: Date,
): Promise<InspectionOutcome> {
  const record = await lockById(tx, storeId);
  if (record === undefined) return { next: null };
  const next = awaitsDelete(record) ? 'delete' : null;
  if (record.status !== 'ready' || openOperation(record) !== null || next !== null) return { next };
  const known = record.driftObjects ?? [];
  const before = activeRepairs(record.repairs, known, now);
  const repairs = repairsAfter(before, { known, drift, repaired }, now);
  if (!isDeepStrictEqual(known, drift) || !isDeepStrictEqual(record.repairs, repairs)) {
    if (isNews(known, drift, before)) {
      const event =
        drift.length === 0 ? repairedEvent(repaired !== null, known) : driftedEvent(drift, repaired !== null);
      await appendEvents(tx, contextOf(record, now), [event]);
    }
    const set =
      drift.length === 0
        ? { driftSince: null, driftObjects: null }
        : { driftSince: record.driftSince ?? now, driftObjects: drift };
    await updateStore(tx, { storeId: record.id, set: { ...set, repairs }, now });
  }
  const report = suspensionOf(record.conditions, suspendedObjects(drift, repairs));
  await reportConditions(tx, record, report, contextOf(record, now));
  return { next };
}

/** A suspended object that matches its release again without a repair starts from the beginning. */
function repairsAfter(
  before: readonly RepairCount[],
  { known, drift, repaired }: Pick<Inspection, 'drift' | 'repaired'> & { readonly known: readonly DriftedObject[] },
  now: Date,
): readonly RepairCount[] {
  if (repaired !== null) return withRepairs(before, repaired, now);
  const restored = suspendedObjects(known, before)
    .map(deviationKey)
    .filter((deviation) => !drift.some((object) => deviationKey(object) === deviation));
  return before.filter(({ deviation }) => !restored.includes(deviation));
}

/** Returns whether objects have changed that were not repaired before. An equal repair is no news. */
function isNews(
  known: readonly DriftedObject[],
  drift: readonly DriftedObject[],
  repairs: readonly RepairCount[],
): boolean {
  const changed = [
    ...known.filter((object) => !includesEqual(drift, object)),
    ...drift.filter((object) => !includesEqual(known, object)),
  ];
  return changed.some((object) => !repairs.some(({ deviation }) => deviation === deviationKey(object)));
}

function includesEqual(objects: readonly DriftedObject[], object: DriftedObject): boolean {
  return objects.some((other) => isDeepStrictEqual(other, object));
}

function suspensionOf(
  conditions: readonly StoreCondition[],
  suspended: readonly DriftedObject[],
): readonly ConditionReport[] {
  if (suspended.length === 0) {
    const message = 'the objects match the release again';
    return clearedConditions(conditions, ['RepairsSuspended'], { reason: 'ObjectsRestored', message });
  }
  const objects = listed(suspended.map(deviationKey));
  const message = `changed again after each of ${MAX_EQUAL_REPAIRS} repairs: ${objects}. Find out what changes them, then restore them; the repairs resume when the store matches its release`;
  return [{ type: 'RepairsSuspended', status: 'True', reason: 'ChangedAgain', message }];
}

function driftedEvent(drift: readonly DriftedObject[], isAfterRepair: boolean): EventDraft {
  const names = listed(drift.map(({ object, state }) => `${object} is ${state}`));
  return {
    type: 'store.drifted',
    dedupeKey: null,
    status: 'ready',
    message: `The store ${isAfterRepair ? 'still ' : ''}differs from its release: ${names}`,
    data: { objects: drift },
  };
}

function repairedEvent(byPlatform: boolean, objects: readonly DriftedObject[]): EventDraft {
  return {
    type: 'store.repaired',
    dedupeKey: null,
    status: 'ready',
    message: byPlatform
      ? 'The platform repaired the store. It matches its release again'
      : 'The store matches its release again. The platform did not repair it',
    data: { objects: objects.map(({ object }) => object), by: byPlatform ? 'platform' : 'other' },
  };
}

function listed(names: readonly string[]): string {
  const shown = names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), `${names.length - MAX_NAMES} more`] : names;
  return shown.join(', ');
}
