import type { Database, Queries, Transaction } from '../connection/open-db.ts';
import { asTenantWithin } from '../connection/tenant-access.ts';

/** A database, or one of its transactions. */
export type Executor = Queries | Transaction;

/** The two ways in which the records of tenancy query a database. */
export interface TenancyQueries {
  /** Sees the rows of all tenants: for people, for operators, and before the tenant of a caller is known. */
  readonly all: Executor;
  /** Runs `work` in a transaction as a tenant: row-level security hides the rows of all other tenants. */
  readonly asTenant: <Result>(tenantId: string, work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
}

/** Returns the queries of a database. */
export function queriesOf(db: Database): TenancyQueries {
  return { all: db, asTenant: (tenantId, work) => db.asTenant.transaction(tenantId, work) };
}

/** Returns the queries of a transaction that has the rights of the platform. */
export function queriesWithin(tx: Transaction): TenancyQueries {
  return { all: tx, asTenant: (tenantId, work) => asTenantWithin(tx, tenantId, work) };
}
