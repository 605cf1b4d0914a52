import type { TenantOperation } from '@store-platform/client';
import { api, dataOf } from '../../../api/client.ts';
import type { Decision } from './decisions.ts';

/** Sends a decision in the name of the tenant of the operation. */
export async function decide({ storeId, tenantId }: TenantOperation, decision: Decision) {
  const params = { path: { id: storeId }, header: { 'X-Tenant-ID': tenantId } };
  switch (decision) {
    case 'continue':
      return dataOf(await api.POST('/api/stores/{id}/continue', { params, body: {} }));
    case 'skip-verification':
      return dataOf(await api.POST('/api/stores/{id}/skip-verification', { params }));
    case 'abort':
      return dataOf(await api.POST('/api/stores/{id}/abort', { params }));
    case 'cancel':
      return dataOf(await api.POST('/api/stores/{id}/cancel', { params }));
    default:
      return decision satisfies never;
  }
}
