import {
  type Accepted,
  startOrLeaveToSchedule,
  type RequestContext,
  type StoreServiceOptions,
  type VerbTools,
} from './context.ts';

export function undeleteVerb({ records, operations }: StoreServiceOptions, tools: VerbTools) {
  /**
   * Undoes a delete within its undelete window. The record decides whether the request is in time. The signal only wakes
   * the run: without it, the reconciler wakes it, or the run finds the request when its window ends.
   */
  return async function undelete(request: RequestContext, storeId: string): Promise<Accepted> {
    const result = await records.requestUndelete(tools.commandOf(request, storeId));
    const { store, operation } = tools.acceptedOf(result, storeId, 'undeleted');
    await startOrLeaveToSchedule(request, store, async () => {
      if ((await operations.signal(storeId, { action: 'undelete' })) === 'delivered') return;
      // The run was terminated. Another run adopts the delete and undoes it.
      await tools.start('delete', request, store);
    });
    return { store, operation };
  };
}
