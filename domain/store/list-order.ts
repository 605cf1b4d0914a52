/** Orders of a list of stores. A minus means descending. Stores with equal values are ordered by id. */
export const STORE_SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const;
export type StoreSort = (typeof STORE_SORTS)[number];

/** The last store of a page. The next page starts after it, also if stores were created or deleted since. */
export interface StoreCursor {
  readonly sort: StoreSort;
  /** Value by which the list is sorted: the name, or the time of creation in ISO format. */
  readonly key: string;
  readonly storeId: string;
}

/** Returns whether an order sorts by name. The others sort by the time of creation. */
export function isByName(sort: StoreSort): boolean {
  return sort === 'name' || sort === '-name';
}
