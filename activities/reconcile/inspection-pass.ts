import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import type { ReadyStore, ReconcileRecords } from '../../domain/ports/reconcile-records.ts';
import { paced } from './paced.ts';

export interface InspectStoresInput {
  readonly cluster: string;
  readonly pageSize: number;
}

export interface InspectStoresResult {
  readonly inspected: number;
  readonly drifted: number;
  /** Whether the page was the last one. Then the next call begins with the first store. */
  readonly isLastPage: boolean;
}

/** How fast a pass over all ready stores works. */
export interface PassPace {
  /** Maximum number of stores per second, over all workers. */
  readonly storesPerSecond: number;
}

/**
 * Creates the function that inspects the next page of ready stores of a cluster, at a limited rate. The position is in the records, so a
 * pass that is cut continues there. Safe to repeat: an attempt that is repeated inspects at most one page again.
 */
export function createInspectionPass(deps: {
  /** Inspects one store. Returns whether it has drift. */
  readonly inspect: (store: ReadyStore) => Promise<boolean>;
  readonly stores: Pick<ReconcileRecords, 'listReady'>;
  readonly positions: PassPositions;
  readonly pace: PassPace;
  readonly now: () => Date;
}) {
  const { stores, positions } = deps;

  return async function inspectNextPage({ cluster, pageSize }: InspectStoresInput): Promise<InspectStoresResult> {
    const after = await positions.readPosition({ pass: 'inspect-stores', cluster });
    const page = await stores.listReady({ cluster, limit: pageSize, after: after ?? undefined });
    const results = await paced(page, deps.pace, deps.inspect);
    const isLastPage = page.length < pageSize;
    const reached = isLastPage ? null : (page.at(-1)?.store.storeId ?? null);
    await positions.savePosition({ pass: 'inspect-stores', cluster, after: reached, now: deps.now() });
    return { inspected: page.length, drifted: results.filter(Boolean).length, isLastPage };
  };
}
