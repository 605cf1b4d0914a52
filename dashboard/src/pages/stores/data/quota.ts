import { useQuery } from '@tanstack/react-query';
import { quotaQuery } from '../../../api/queries.ts';

/** Returns how much of its quota the tenant uses. Live events refresh it. */
export function useQuota() {
  return useQuery(quotaQuery);
}
