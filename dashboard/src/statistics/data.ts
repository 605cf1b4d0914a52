import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import { keys } from '../api/query.ts';

/** Ranges of statistics, in hours. */
export const RANGES = { day: 24, week: 7 * 24, month: 30 * 24, quarter: 90 * 24 } as const;
export type RangeName = keyof typeof RANGES;

const HOUR_MS = 3_600_000;
/** Statistics read many records, so events do not refresh them. */
const REFRESH_MS = 60_000;

/** Whose statistics: of the chosen tenant, of all tenants, or of one of them. */
export type Whose = { readonly scope: 'own' } | { readonly scope: 'all'; readonly tenantId: string | undefined };

/** Reads statistics, and reads them again each minute. */
export function useStatistics(range: RangeName, whose: Whose) {
  return useQuery({
    queryKey: [...(whose.scope === 'own' ? ['statistics'] : [...keys.operator, 'statistics']), range, whose],
    queryFn: () => readStatistics(range, whose),
    refetchInterval: REFRESH_MS,
    staleTime: REFRESH_MS / 2,
    placeholderData: keepPreviousData,
  });
}

async function readStatistics(range: RangeName, whose: Whose) {
  const to = new Date();
  const query = { from: new Date(to.getTime() - RANGES[range] * HOUR_MS).toISOString(), to: to.toISOString() };
  if (whose.scope === 'own') return dataOf(await api.GET('/api/statistics', { params: { query } }));
  const tenant = whose.tenantId === undefined ? {} : { tenantId: whose.tenantId };
  return dataOf(await api.GET('/api/admin/statistics', { params: { query: { ...query, ...tenant } } }));
}
