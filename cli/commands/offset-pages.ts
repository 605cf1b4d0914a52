const PAGE = 500;

/** Iterates over a list that is paged by offset. */
export async function* offsetPages<Entry>(
  read: (page: { readonly limit: number; readonly offset: number }) => Promise<{
    readonly data?: { readonly data: readonly Entry[] };
  }>,
): AsyncGenerator<Entry> {
  for (let offset = 0; ; offset += PAGE) {
    const entries = (await read({ limit: PAGE, offset })).data?.data ?? [];
    yield* entries;
    if (entries.length < PAGE) return;
  }
}
