import { and, count, desc, eq, type SQL } from 'drizzle-orm';
import type { OperationStatus } from '../../domain/operations/catalogue.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { isPending, isRunning, operations } from '../schema/operations.ts';
import { listStores, type AllStoresQuery, type StorePage } from '../stores/list.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import type { OperationRecord } from '../stores/record.ts';

/** Statuses of operations that have not ended. */
export type OpenStatus = Extract<OperationStatus, 'requested' | 'running' | 'queued' | 'held'>;

export interface OpenOperationsQuery {
  readonly status: OpenStatus;
  readonly tenantId?: string | undefined;
  /** Only operations on stores in this cluster. */
  readonly cluster?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** The stores of all tenants, for operators. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface AdminRecords {
  listStores(query: AllStoresQuery): Promise<StorePage>;
  /** Lists operations that have not ended, newest first. */
  listOperations(
    query: OpenOperationsQuery,
  ): Promise<{ readonly operations: readonly OperationRecord[]; readonly total: number }>;
}

/** Creates the lists of operators on a database. */
export function createAdminRecords(db: Database): AdminRecords {
  async function listOperations(query: OpenOperationsQuery) {
    const where = filtersOf(query);
    const [page, [counted]] = await Promise.all([
      db
        .select()
        .from(operations)
        .where(where)
        .orderBy(desc(operations.requestedAt), desc(operations.id))
        .limit(query.limit)
        .offset(query.offset),
      db.select({ total: count() }).from(operations).where(where),
    ]);
    return { operations: page, total: counted?.total ?? 0 };
  }

  return translatingConnectionErrors({ listStores: (query: AllStoresQuery) => listStores(db, query), listOperations });
}

function filtersOf({ status, tenantId, cluster }: OpenOperationsQuery): SQL | undefined {
  return and(
    eq(operations.status, status),
    // Implied by the status. Postgres uses the partial indexes of open operations only with this condition.
    status === 'requested' ? isPending(operations) : isRunning(operations),
    tenantId === undefined ? undefined : ofTenant(operations, tenantId),
    cluster === undefined ? undefined : eq(operations.cluster, cluster),
  );
}
