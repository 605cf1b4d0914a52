import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type * as schema from '../schema/index.ts';

/** Runs queries, on a connection of the pool or on one connection. */
export type Queries = NodePgDatabase<typeof schema>;
export type Transaction = Parameters<Parameters<Queries['transaction']>[0]>[0];

/**
 * Runs queries as the role `sp_app`: row-level security hides the rows of all other tenants from them, even if a query has
 * no condition on the tenant.
 */
export interface TenantAccess {
  /** Runs `work`. Each query that it sends is a transaction of its own, and takes one round trip. */
  query<Result>(tenantId: string, work: (queries: Queries) => Promise<Result>): Promise<Result>;
  /**
   * Runs one query with the rights of the platform, and then one as the tenant, in one transaction and one round trip. The
   * second one is sent before the answer to the first, so only settings of the transaction can pass a value on.
   */
  queryAfter<Result>(
    tenantId: string,
    first: (queries: Queries) => Promise<unknown>,
    work: (queries: Queries) => Promise<Result>,
  ): Promise<Result>;
  /** Runs `work` in one transaction. */
  transaction<Result>(tenantId: string, work: (tx: Transaction) => Promise<Result>): Promise<Result>;
}

/**
 * A connection pool. Its own queries see the rows of all tenants. The API uses them to authenticate and for operators, and
 * `asTenant` for everything that it does for a tenant.
 */
export type Database = Queries & { readonly asTenant: TenantAccess };

/** The part of a logger that connections use. Every pino logger has it. */
export interface ConnectionLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
