import { and, asc, count, desc, eq, getTableColumns, gte, lt, sql, type SQL } from 'drizzle-orm';
import type { Engine } from '../../domain/engines/index.ts';
import { isByName, type StoreCursor, type StoreSort } from '../../domain/store/list-order.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import type { Queries } from '../connection/open-db.ts';
import { oneOf } from '../schema/checks.ts';
import { isPending, operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import { ofTenant } from './of-tenant.ts';
import { recordOf, type StoreRecord } from './record.ts';

export interface StoreListQuery {
  readonly tenantId: string;
  readonly limit: number;
  /** Stores to skip. Each skipped store is read, so a cursor is faster. Default: 0. */
  readonly offset?: number | undefined;
  /** Last store of the previous page. Its order replaces `sort`. */
  readonly cursor?: StoreCursor | undefined;
  /** Default: newest first. */
  readonly sort?: StoreSort | undefined;
  /** Default: all but `deleted`. */
  readonly statuses?: readonly StoreStatus[] | undefined;
  readonly engine?: Engine | undefined;
  /** Only stores whose name contains this text, without regard to case. */
  readonly text?: string | undefined;
  /** Only stores that were created at this time or later. */
  readonly createdFrom?: Date | undefined;
  /** Only stores that were created earlier. */
  readonly createdBefore?: Date | undefined;
  /** Whether to count all stores that match the filters. The count reads each of them. Default: false. */
  readonly isCounted?: boolean | undefined;
}

type OperationColumns = (typeof operations)['_']['columns'];

/** A list of the stores of all tenants, or of one. */
export type AllStoresQuery = Omit<StoreListQuery, 'tenantId'> & {
  readonly tenantId?: string | undefined;
  /** Only stores in this cluster. */
  readonly cluster?: string | undefined;
};

export interface StorePage {
  readonly stores: readonly StoreRecord[];
  /** Null: this is the last page. */
  readonly next: StoreCursor | null;
  /** Number of stores on all pages. Null: not counted. */
  readonly total: number | null;
}

/** Reads one page of stores. Without a tenant in the query, a list of all stores needs queries that see all tenants. */
export async function listStores(db: Queries, query: AllStoresQuery): Promise<StorePage> {
  const sort = query.cursor?.sort ?? query.sort ?? '-createdAt';
  const filters = listed(query);
  const [rows, [counted]] = await Promise.all([
    selectPage(db)
      .where(and(filters, query.cursor === undefined ? undefined : isAfter(query.cursor)))
      .orderBy(...orderOf(sort))
      // One more than the page, to know whether another page follows.
      .limit(query.limit + 1)
      .offset(query.offset ?? 0),
    query.isCounted === true ? db.select({ total: count() }).from(stores).where(filters) : [],
  ]);
  const page = rows.slice(0, query.limit).map(recordOf);
  const last = page.at(-1);
  const next = rows.length > query.limit && last !== undefined ? cursorAt(sort, last) : null;
  return { stores: page, next, total: counted?.total ?? null };
}

/**
 * Returns a query for stores with their operations, as `selectStores` does. The joins are lateral: the policy of `operations`
 * misleads the estimate of an ordinary join so much that Postgres would read and sort all stores of a tenant for one page.
 */
function selectPage(db: Queries) {
  const current = operationOf(db, sql`${operations.isCurrent}`).as('current');
  const pending = operationOf(db, isPending(operations)).as('pending');
  return db
    .select({ store: stores, operation: columnsOf(current), pending: columnsOf(pending) })
    .from(stores)
    .innerJoinLateral(current, sql`true`)
    .leftJoinLateral(pending, sql`true`);
}

/** Selects the operation of a store that has a property. At most one operation of a store has it. */
function operationOf(db: Queries, property: SQL) {
  return db
    .select()
    .from(operations)
    .where(and(eq(operations.storeId, stores.id), property))
    .limit(1);
}

/** Returns the columns of a subquery with operations, for a select. */
function columnsOf(subquery: Readonly<Record<keyof OperationColumns, unknown>>): OperationColumns {
  const names = Object.keys(getTableColumns(operations)) as (keyof OperationColumns)[];
  // One column for each name. The type of `Object.fromEntries` cannot express this.
  return Object.fromEntries(names.map((name) => [name, subquery[name]])) as unknown as OperationColumns;
}

function cursorAt(sort: StoreSort, { id, name, createdAt }: StoreRecord): StoreCursor {
  return { sort, key: isByName(sort) ? name : createdAt.toISOString(), storeId: id };
}

/** The expression of the index `stores_list_name`. */
function sortableName(name: SQL | typeof stores.name): SQL {
  return sql`lower(${name})`;
}

function orderOf(sort: StoreSort): readonly SQL[] {
  const direction = sort.startsWith('-') ? desc : asc;
  return [direction(isByName(sort) ? sortableName(stores.name) : stores.createdAt), direction(stores.id)];
}

/** Returns the condition for the stores behind a cursor, as a comparison of rows, which Postgres answers from the index. */
function isAfter({ sort, key, storeId }: StoreCursor): SQL {
  const operator = sql.raw(sort.startsWith('-') ? '<' : '>');
  return isByName(sort)
    ? sql`(${sortableName(stores.name)}, ${stores.id}) ${operator} (${sortableName(sql`${key}::text`)}, ${storeId}::uuid)`
    : sql`(${stores.createdAt}, ${stores.id}) ${operator} (${key}::timestamptz, ${storeId}::uuid)`;
}

/** Returns the filters of a list. */
function listed(query: AllStoresQuery): SQL | undefined {
  const { tenantId, cluster, statuses, engine, text, createdFrom, createdBefore } = query;
  return and(
    tenantId === undefined ? undefined : ofTenant(stores, tenantId),
    cluster === undefined ? undefined : eq(stores.cluster, cluster),
    hasStatus(statuses),
    engine === undefined ? undefined : eq(stores.engine, engine),
    text === undefined ? undefined : sql`strpos(lower(${stores.name}), lower(${text})) > 0`,
    createdFrom === undefined ? undefined : gte(stores.createdAt, createdFrom),
    createdBefore === undefined ? undefined : lt(stores.createdAt, createdBefore),
  );
}

/** Several statuses are literals, so that Postgres sees that they exclude `deleted` and uses the partial indexes. */
function hasStatus(statuses: readonly StoreStatus[] | undefined): SQL {
  const [only, ...others] = statuses ?? [];
  if (only === undefined) return sql`${stores.status} <> 'deleted'`;
  return others.length === 0 ? eq(stores.status, only) : oneOf(stores.status, [only, ...others]);
}
