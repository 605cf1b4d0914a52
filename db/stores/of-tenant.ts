import { eq, type Placeholder, type SQL } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';

/**
 * Selects the rows of a tenant. This is the first wall between tenants and lets Postgres use the indexes. Row-level security
 * is the second one: it holds without this condition.
 */
export function ofTenant(table: { readonly tenantId: AnyPgColumn }, tenantId: string | Placeholder): SQL {
  return eq(table.tenantId, tenantId);
}
