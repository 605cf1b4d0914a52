import type { AddCluster, UpdateCluster } from '@store-platform/client';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { useOperatorChange } from '../parts/use-operator.ts';
import { CLUSTER_TEXTS } from './texts.ts';

/** Sends changes of a cluster. */
export function useClusterChange(name: string) {
  const t = useTexts(CLUSTER_TEXTS);
  return useOperatorChange(
    async (body: Omit<UpdateCluster, 'uid'>) =>
      dataOf(await api.PATCH('/api/admin/clusters/{name}', { params: { path: { name } }, body })),
    ({ status }) => t.done[status ?? 'changed'](name),
  );
}

/** Adds a cluster. */
export function useClusterAddition() {
  const t = useTexts(CLUSTER_TEXTS);
  return useOperatorChange(
    async (body: Omit<AddCluster, 'kubeconfigRef'>) => dataOf(await api.POST('/api/admin/clusters', { body })),
    ({ name }) => t.done.added(name),
  );
}
