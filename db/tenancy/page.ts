import { desc, sql, type SQL } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { ListPosition, Page } from '../../domain/list-position.ts';

/** Returns the condition for the entries behind a position, as a comparison of rows, which Postgres answers from the index. */
export function isAfter(createdAt: AnyPgColumn, id: AnyPgColumn, after: ListPosition | undefined): SQL | undefined {
  if (after === undefined) return undefined;
  return sql`(${createdAt}, ${id}) < (${after.createdAt.toISOString()}, ${after.id})`;
}

/** Returns the order of a list: newest first. */
export function newestFirst(createdAt: AnyPgColumn, id: AnyPgColumn): readonly SQL[] {
  return [desc(createdAt), desc(id)];
}

/** Returns the page of the rows that a query read. The query reads one row more than the page has. */
export function pageOf<Row>(rows: readonly Row[], limit: number, positionOf: (row: Row) => ListPosition): Page<Row> {
  const entries = rows.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: rows.length > limit && last !== undefined ? positionOf(last) : null };
}
