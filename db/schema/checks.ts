import { sql, type SQL } from 'drizzle-orm';
import type { AnyPgColumn, ExtraConfigColumn } from 'drizzle-orm/pg-core';

/** `column in ('a', 'b')`. A null passes, as in every check constraint. */
export function oneOf(column: AnyPgColumn, values: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`;
}

/** Order of every list. `nulls first` is what a plain `order by … desc` means. Postgres does not use an index that says otherwise. */
export function newestFirst(createdAt: ExtraConfigColumn, id: ExtraConfigColumn) {
  return [createdAt.desc().nullsFirst(), id.desc().nullsFirst()] as const;
}
