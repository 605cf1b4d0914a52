import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { keys } from '../../../api/query.ts';

/** Returns how much of its quota the tenant uses. Live events refresh it. */
export function useQuota() {
  return useQuery({ queryKey: keys.quota, queryFn: async () => dataOf(await api.GET('/api/quota')) });
}
