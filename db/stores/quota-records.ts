import { eq } from 'drizzle-orm';
import type { QuotaRecords } from '../../domain/ports/quota-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { tenants } from '../schema/tenants.ts';
import { quotaOf, type DefaultLimits } from './tenant-quota.ts';

/** Creates the quotas of tenants on a database. */
export function createQuotaRecords(
  { asTenant }: Database,
  defaults: DefaultLimits,
): QuotaRecords & { requestLimitOf(tenantId: string): Promise<number | null> } {
  return translatingConnectionErrors({
    quotaOf: (tenantId: string) => asTenant.query(tenantId, (queries) => quotaOf(queries, tenantId, defaults)),
    /** Returns the number of changes per minute that operators allow a tenant, or null. */
    requestLimitOf: (tenantId: string) =>
      asTenant.query(tenantId, async (queries) => {
        const [tenant] = await queries
          .select({ limit: tenants.maxRequestsPerMinute })
          .from(tenants)
          .where(eq(tenants.id, tenantId));
        return tenant?.limit ?? null;
      }),
  });
}
