import {
  type Accepted,
  startOrLeaveToSchedule,
  type RequestContext,
  type StoreServiceOptions,
  type VerbTools,
} from './context.ts';

export function cancelVerb({ records, operations }: StoreServiceOptions, tools: VerbTools) {
  /**
   * Cancels the operation that runs or waits for its run. The record decides the cancel of an operation that no run has
   * taken up: its run ends it without a step. A signal could reach a run of the reconciler instead.
   */
  return async function cancel(request: RequestContext, storeId: string): Promise<Accepted> {
    const result = await records.requestCancel(tools.commandOf(request, storeId));
    const { store, operation } = tools.acceptedOf(result, storeId, 'cancelled');
    if (store.pending?.id === operation.id) {
      await startOrLeaveToSchedule(request, store, () => tools.start(operation.kind, request, store));
    } else {
      // A lost run is started again by the reconciler, which then cancels it.
      await operations.cancel(storeId);
    }
    return { store, operation };
  };
}
