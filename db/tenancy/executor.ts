import type { Database, Queries, Transaction } from '../connection/open-db.ts';
import { asTenantWithin } from '../connection/tenant-access.ts';

/** A database, or one of its transactions. */
export type Executor = Queries | Transaction;

/** The ways in which the records of tenancy query a database. */
export interface TenancyQueries {
  /** Sees the rows of all tenants: for people, for operators, and before the tenant of a caller is known. */
  readonly all: Executor;
  /** Runs one statement as a tenant, in one round trip: row-level security hides the rows of all other tenants. */
  readonly asTenant: <Result>(tenantId: string, statement: (queries: Executor) => Promise<Result>) => Promise<Result>;
  /** Runs `work` as a tenant, in one transaction. */
  readonly inTransactionOf: <Result>(tenantId: string, work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
}

/** Returns the queries of a database. */
export function queriesOf(db: Database): TenancyQueries {
  return {
    all: db,
    asTenant: (tenantId, statement) => db.asTenant.query(tenantId, statement),
    inTransactionOf: (tenantId, work) => db.asTenant.transaction(tenantId, work),
  };
}

/** Returns the queries of a transaction that has the rights of the platform. */
export function queriesWithin(tx: Transaction): TenancyQueries {
  const asTenant = <Result>(tenantId: string, work: (tx: Transaction) => Promise<Result>): Promise<Result> =>
    asTenantWithin(tx, tenantId, work);
  return { all: tx, asTenant, inTransactionOf: asTenant };
}
