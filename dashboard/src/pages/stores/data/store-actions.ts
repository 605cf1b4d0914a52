import { ApiError, type Store } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { OperationId } from '../../../api/access.ts';
import { api, dataOf } from '../../../api/client.ts';
import { keys } from '../../../api/query.ts';
import type { Action } from '../model/catalogue.ts';
import type { DeletePlan } from '../model/delete-plan.ts';
import { isSameSituation } from '../model/situation.ts';
import { readStore, type VersionedStore } from './store.ts';

/** A decision about a store. */
export type Decision =
  | { readonly action: Exclude<Action, 'continue' | 'delete'> }
  | { readonly action: 'continue'; readonly overrides?: Readonly<Record<string, unknown>> }
  | { readonly action: 'delete'; readonly plan: DeletePlan };

/** The operation of the API that each action calls. */
export const ACTION_OPERATIONS = {
  cancel: 'cancelStore',
  continue: 'continueStore',
  'skip-verification': 'skipVerification',
  abort: 'abortStore',
  retry: 'retryStore',
  delete: 'deleteStore',
  undelete: 'undeleteStore',
} as const satisfies Record<Action, OperationId>;

const PRECONDITION_FAILED = 412;

/** Sends decisions about a store. A decision is carried out only if the store is still as the person saw it. */
export function useDecision(seen: VersionedStore) {
  const client = useQueryClient();
  const queryKey = keys.store(seen.storeId);
  return useMutation({
    mutationFn: async (decision: Decision) => {
      try {
        return await send(seen, decision);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === PRECONDITION_FAILED)) throw error;
        const now = await readStore(seen.storeId);
        client.setQueryData(queryKey, now);
        // Only a detail has changed, such as the time of the last verification.
        if (isSameSituation(seen, now)) return await send(now, decision);
        throw error;
      }
    },
    onSuccess: (store) => {
      // The response has no version. The store is read again at once.
      client.setQueryData<VersionedStore>(queryKey, { ...store, etag: null });
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}

/** A provision that runs changes all the time, so its cancel does not depend on a version. */
function versionOf({ etag }: VersionedStore, action: Action) {
  return etag === null || action === 'cancel' ? {} : { header: { 'If-Match': etag } };
}

async function send(store: VersionedStore, decision: Decision): Promise<Store> {
  const params = { path: { id: store.storeId }, ...versionOf(store, decision.action) };
  switch (decision.action) {
    case 'cancel':
      return dataOf(await api.POST('/api/stores/{id}/cancel', { params }));
    case 'continue': {
      const { overrides } = decision;
      const body = overrides === undefined ? {} : { overrides: { ...overrides } };
      return dataOf(await api.POST('/api/stores/{id}/continue', { params, body }));
    }
    case 'skip-verification':
      return dataOf(await api.POST('/api/stores/{id}/skip-verification', { params }));
    case 'abort':
      return dataOf(await api.POST('/api/stores/{id}/abort', { params }));
    case 'retry':
      return dataOf(await api.POST('/api/stores/{id}/retry', { params }));
    case 'undelete':
      return dataOf(await api.POST('/api/stores/{id}/undelete', { params }));
    case 'delete':
      return dataOf(await api.DELETE('/api/stores/{id}', { params: { ...params, query: decision.plan } }));
    default:
      return decision satisfies never;
  }
}
