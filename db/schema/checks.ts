import { sql, type SQL } from 'drizzle-orm';
import type { AnyPgColumn, ExtraConfigColumn } from 'drizzle-orm/pg-core';
import { CLUSTER_NAME_PATTERN } from '../../domain/clusters.ts';

/** Returns the condition `column in ('a', 'b')`. Null passes, as in every check constraint. */
export function oneOf(column: AnyPgColumn, values: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`;
}

/** Returns the condition that a column has a name that a cluster can have. */
export function isClusterName(column: AnyPgColumn): SQL {
  return sql`${column} ~ '${sql.raw(CLUSTER_NAME_PATTERN.source)}'`;
}

/**
 * Returns the order of every list, for an index. `order by … desc` means `nulls first`, and Postgres does not use an
 * index with another order for it.
 */
export function newestFirst(createdAt: ExtraConfigColumn, id: ExtraConfigColumn) {
  return [createdAt.desc().nullsFirst(), id.desc().nullsFirst()] as const;
}
