/** Position of an entry in a list that is sorted by creation. A page starts after it. */
export interface ListPosition {
  readonly createdAt: Date;
  readonly id: string;
}

/** Which page of a list to read. */
export interface PageQuery {
  readonly limit: number;
  /** Last entry of the previous page. Default: the first page. */
  readonly after?: ListPosition | undefined;
}

/** One page of a list. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** Null: this is the last page. */
  readonly next: ListPosition | null;
}
