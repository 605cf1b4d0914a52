import type { Transaction } from '../connection/open-db.ts';
import { endConditions } from '../stores/conditions.ts';
import { appendEvents, hasEvent } from '../stores/events.ts';
import { updateStore } from '../stores/transition.ts';
import { addPending, updateOperation } from '../stores/operations.ts';
import { contextOf, lockStoreOf, runKey, runRelation } from './run.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

/**
 * Undoes a delete in its undelete window, once per run. The delete ends as cancelled and a provision is requested. The
 * provision changes the status of the store when it begins.
 */
export async function undoDelete(tx: Transaction, input: ActivityInput, now: Date): Promise<void> {
  const { run } = input;
  const record = await lockStoreOf(tx, input);
  const dedupeKey = `${runKey(run)}/undone`;
  const relation = await runRelation(tx, record, run);
  if (relation === 'past' || record.status !== 'deleting' || (await hasEvent(tx, record.id, dedupeKey))) return;
  await endConditions(tx, record, contextOf(input, record.operation, now));
  await appendEvents(tx, contextOf(input, record.operation, now), [
    {
      type: 'delete.undone',
      dedupeKey,
      status: record.status,
      step: record.operation.step,
      message: 'The delete was undone. A provision installs the store again on its existing volumes',
    },
  ]);
  await updateOperation(tx, record.operation, { status: 'cancelled', endedAt: now });
  // A delete that was requested after the undelete stays requested, and the run continues as that delete.
  if (record.pending?.kind === 'delete') return;
  const { correlationId } = run;
  await addPending(tx, record, { kind: 'provision', requestedBy: record.operation.requestedBy, correlationId, now });
  await updateStore(tx, { storeId: record.id, set: { deleteRequestedAt: null }, now });
}
