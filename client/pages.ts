/** A response with one page of a list that has a cursor. */
interface PageResponse<Entry> {
  readonly data?: { readonly data: readonly Entry[]; readonly pagination: { readonly nextCursor: string | null } };
}

/** Iterates over all entries of a list, page by page. `read` reads the page that a cursor names. */
export async function* listPages<Entry>(
  read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<PageResponse<Entry>>,
): AsyncGenerator<Entry> {
  let cursor: string | undefined;
  do {
    const { data } = await read({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    yield* data?.data ?? [];
    cursor = data?.pagination.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
