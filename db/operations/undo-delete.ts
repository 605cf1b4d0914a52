import type { ActivityInput } from '../../domain/operations/types.ts';
import { updateStore } from '../stores/transition.ts';
import type { Transaction } from '../connection/open-db.ts';
import { appendEvents, hasEvent } from '../stores/events.ts';
import { contextOf, lockStoreOf, runKey, runRelation } from './run.ts';

/** Takes back the delete that a run waits with; the provision that follows in its place moves the status. Once a run. */
export async function undoDelete(tx: Transaction, input: ActivityInput, now: Date): Promise<void> {
  const { run } = input;
  const record = await lockStoreOf(tx, input);
  const dedupeKey = `${runKey(run)}/undone`;
  const relation = await runRelation(tx, record, run);
  if (relation === 'past' || record.status !== 'deleting' || (await hasEvent(tx, record.id, dedupeKey))) return;
  await appendEvents(tx, contextOf(input, now), [
    {
      type: 'delete.undone',
      dedupeKey,
      status: record.status,
      step: record.operationStep,
      message: 'The delete was taken back: the store is provisioned again on its own volumes',
    },
  ]);
  const set = { deleteRequestedAt: null, undeleteUntil: null, undeleteWindowSeconds: 0, operationStep: null };
  await updateStore(tx, { storeId: record.id, set, now });
}
