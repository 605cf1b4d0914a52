import {
  type Accepted,
  storeNotFound,
  type RequestContext,
  type StoreServiceOptions,
  type VerbTools,
} from './context.ts';

export function cancelVerb({ records, operations }: StoreServiceOptions, tools: VerbTools) {
  /** Cancels the operation that runs or waits for its run. */
  return async function cancel(request: RequestContext, storeId: string): Promise<Accepted> {
    const result = await records.requestCancel(tools.commandOf(request, storeId));
    if (result.kind === 'notFound') throw storeNotFound(storeId);
    if (result.kind === 'refused') throw tools.invalidState(result.store, 'cancelled');
    const { operation } = result;
    if ((await operations.cancel(storeId)) === 'requested') return { store: result.store, operation };
    const store = await tools.get(request, storeId);
    // Recorded but never started: the run that ends it as cancelled must exist first.
    if (store.pending?.id === operation.id) {
      await tools.start(operation.kind, request, store);
      await operations.cancel(storeId);
    }
    return { store, operation };
  };
}
