import type { Store } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { api, dataOf } from '../../../api/client.ts';
import { newKey } from '../../../browser/new-key.ts';
import { keys } from '../../../api/query.ts';
import type { Engine } from '../model/catalogue.ts';
import type { VolumePolicy } from '../model/volumes.ts';

export interface NewStore {
  readonly name: string;
  readonly engine: Engine;
  readonly onFailure: Store['onFailure'];
  readonly volumePolicy: VolumePolicy;
}

/**
 * Creates one store, and then shows its page. All requests of an opened form have the same key: a double click, a repetition after
 * a lost response and a retry create one store.
 */
export function useCreateStore() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [key] = useState(newKey);
  const isSending = useRef(false);
  const mutation = useMutation({
    mutationFn: async (body: NewStore) =>
      dataOf(await api.POST('/api/stores', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: ({ storeId }) => {
      void client.invalidateQueries({ queryKey: keys.quota });
      navigate(`/stores/${storeId}`);
    },
    onSettled: () => {
      isSending.current = false;
    },
  });
  return {
    ...mutation,
    create: (store: NewStore): void => {
      // Two clicks can come before the button is drawn again.
      if (isSending.current) return;
      isSending.current = true;
      mutation.mutate(store);
    },
  };
}
