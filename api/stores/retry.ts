import { runningOperation } from '../../db/index.ts';
import {
  type Accepted,
  START_ROUNDS,
  type RequestContext,
  type StoreServiceOptions,
  type VerbTools,
} from './context.ts';

export function retryVerb({ records }: StoreServiceOptions, tools: VerbTools) {
  /** Repeats the operation that failed or was cancelled. */
  return async function retry(request: RequestContext, storeId: string): Promise<Accepted> {
    const result = await records.requestOperation({ ...tools.commandOf(request, storeId), action: 'retry' });
    if (result.kind === 'refused' && runningOperation(result.store) !== null)
      throw tools.operationRunning(result.store);
    const { store: requested, operation } = tools.acceptedOf(result, storeId, 'retried');
    for (let round = 1; ; round += 1) {
      const outcome = await tools.start(operation.kind, request, requested);
      if (outcome.kind === 'started') return { store: requested, operation };
      if (round === START_ROUNDS) break;
      await tools.pauseForClosing();
    }
    // The run that holds the workflow id can be this very retry, requested twice. Another operation is reported.
    const store = await tools.get(request, storeId);
    const running = runningOperation(store);
    if (running !== null && running.kind !== operation.kind) throw tools.operationRunning(store);
    return { store, operation };
  };
}
