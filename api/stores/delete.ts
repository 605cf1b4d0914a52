import { runningOperation, type StoreRecord } from '../../db/index.ts';
import type { VolumePolicy } from '../../domain/store/status.ts';
import type { DeleteStoreQuery } from '../contract/store.ts';
import {
  type Accepted,
  START_ROUNDS,
  startOrLeaveToSchedule,
  type RequestContext,
  type StoreServiceOptions,
  type VerbTools,
} from './context.ts';

export function deleteVerb(options: StoreServiceOptions, tools: VerbTools) {
  const { records, operations, undeleteWindowSeconds = 0 } = options;

  /**
   * Accepted in every state. A provision that runs is cancelled and continues as the delete. The first request's plan
   * counts.
   */
  async function remove(request: RequestContext, storeId: string, query: DeleteStoreQuery = {}): Promise<Accepted> {
    const volumes = volumePolicyOf(query);
    const plan = {
      undeleteWindowSeconds: query.undeleteWindowSeconds ?? undeleteWindowSeconds,
      ...(volumes === undefined ? {} : { volumes }),
    };
    const result = await records.requestDelete({ ...tools.commandOf(request, storeId), plan });
    const { store, operation } = tools.acceptedOf(result, storeId, 'deleted');
    await startOrLeaveToSchedule(request, store, () => handOverToDelete(request, store));
    return { store, operation };
  }

  /** Starts the delete, or cancels the run that holds the store's workflow id so that it continues as the delete. */
  async function handOverToDelete(request: RequestContext, requested: StoreRecord): Promise<void> {
    let store = requested;
    for (let round = 1; round <= START_ROUNDS && !isBeingDeleted(store); round += 1) {
      const outcome = await tools.start('delete', request, store);
      if (outcome.kind === 'started') return;
      if (runningOperation(store) !== null || store.status === 'requested') {
        if ((await operations.cancel(store.id)) === 'requested') return;
      } else {
        // A run that is closing, or a delete that was just started. Neither can be cancelled.
        await tools.pauseForClosing();
      }
      store = await tools.get(request, store.id);
    }
  }

  return remove;
}

function volumePolicyOf({ volumePolicy, keepVolumesForDays }: DeleteStoreQuery): VolumePolicy | undefined {
  return keepVolumesForDays === undefined ? volumePolicy : { keepForDays: keepVolumesForDays };
}

function isBeingDeleted(store: StoreRecord): boolean {
  return store.status === 'deleted' || runningOperation(store)?.kind === 'delete';
}
