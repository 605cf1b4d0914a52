import type { z } from '@hono/zod-openapi';
import type { ListStoresQuery } from '../contract/store.ts';

/** Returns the query of the records for the query string of a list of stores. */
export function storeFiltersOf<Query extends z.output<typeof ListStoresQuery>>(query: Query) {
  const { status, name, createdFrom, createdBefore, count, ...others } = query;
  return {
    ...others,
    statuses: typeof status === 'string' ? [status] : status,
    text: name,
    createdFrom: dateOf(createdFrom),
    createdBefore: dateOf(createdBefore),
    isCounted: count === 'true',
  };
}

function dateOf(instant: string | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}
