import { keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LoadMore } from '../../../ui/load-more.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Table, type TableProps } from '../../../ui/table.tsx';

const TEXTS = defineTexts({ en: { loading: 'Loading' }, de: { loading: 'Wird geladen' } });

interface Page<Row> {
  readonly data: readonly Row[];
  readonly pagination: { readonly nextCursor: string | null };
}

/** A list that is read page by page. */
export interface PagedList<Row> {
  readonly rows: readonly Row[];
  readonly isPending: boolean;
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly refetch: () => unknown;
}

export interface PagedListOptions<Row> {
  readonly queryKey: QueryKey;
  readonly read: (cursor: string | undefined) => Promise<Page<Row>>;
  /** The rows stay while those of another filter load. */
  readonly keepsRows?: boolean;
  /** Returns the milliseconds until the list is read again, or false. */
  readonly refetchInterval?: (rows: readonly Row[]) => number | false;
}

/** Reads a list of the API page by page. */
export function usePagedList<Row>({
  queryKey,
  read,
  keepsRows = false,
  refetchInterval,
}: PagedListOptions<Row>): PagedList<Row> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.pagination.nextCursor ?? undefined,
    placeholderData: keepsRows ? keepPreviousData : undefined,
    refetchInterval: ({ state }) => refetchInterval?.(state.data?.pages.flatMap(({ data }) => data) ?? []) ?? false,
  });
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data]);
  return {
    rows,
    isPending,
    error: data === undefined ? error : null,
    hasNextPage,
    isFetchingNextPage,
    fetchNextPage,
    refetch,
  };
}

/** A table of a list that is read page by page, with its loading and its error. */
export function PagedTable<Row>({
  list,
  ...table
}: Omit<TableProps<Row>, 'rows'> & { readonly list: PagedList<Row>; readonly empty: ReactNode }) {
  if (list.error !== null) {
    return (
      <div className="p-4">
        <ErrorPanel error={list.error} onRetry={list.refetch} />
      </div>
    );
  }
  if (list.isPending) return <TableSkeleton />;
  return (
    <>
      <Table {...table} rows={list.rows} />
      <LoadMore {...list} />
    </>
  );
}

const ROWS = ['w-2/3', 'w-1/2', 'w-3/5'];

/** Takes the place of a table that loads. */
export function TableSkeleton() {
  const t = useTexts(TEXTS);
  return (
    <output className="grid gap-4 p-4">
      <span className="sr-only">{t.loading}</span>
      {ROWS.map((width) => (
        <Skeleton key={width} className={`h-5 ${width}`} />
      ))}
    </output>
  );
}
