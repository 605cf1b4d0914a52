import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../../../text/texts.ts';
import { Icon } from '../../../ui/icon.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { ENGINE_NAMES } from '../model/catalogue.ts';
import type { ListedStore } from '../model/list-cache.ts';
import { StatusBadge } from '../store-status.tsx';
import { LABELS } from '../texts/labels.ts';
import { LIST_TEXTS } from './texts.ts';

const ROW_PX = 56;
/** Rows outside of the window that are kept, so that fast scrolling shows no gap. */
const OVERSCAN = 10;
/** Rows before the end at which the next page is read. */
const READ_AHEAD = 40;
const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[minmax(0,1fr)_minmax(0,16rem)_7rem_9rem] items-center gap-x-4 px-4';

interface RowsProps {
  readonly stores: readonly ListedStore[];
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

/** The rows of the list. Only those in the window are in the document, so that 10,000 stores scroll smoothly. */
export function StoreRows({ stores, hasNextPage, isFetchingNextPage, fetchNextPage }: RowsProps) {
  const t = useTexts(LIST_TEXTS);
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  // The rows begin below the header of the page, whose height can change.
  useLayoutEffect(() => {
    const top = (list.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (top !== offset) setOffset(top);
  });
  const virtualizer = useWindowVirtualizer({
    count: stores.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => stores[index]?.storeId ?? index,
    overscan: OVERSCAN,
    scrollMargin: offset,
  });
  const items = virtualizer.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const isNearEnd = hasNextPage && lastShown >= stores.length - READ_AHEAD;
  useEffect(() => {
    if (isNearEnd && !isFetchingNextPage) void fetchNextPage();
  }, [isNearEnd, isFetchingNextPage, fetchNextPage]);
  return (
    <div
      role="table"
      aria-label={t.title}
      aria-rowcount={hasNextPage ? -1 : stores.length + 1}
      className="rounded-lg border border-line bg-surface"
    >
      <HeaderRow />
      <div ref={list} role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const store = stores[index];
          return store === undefined ? null : (
            <Row key={key} store={store} index={index} top={start - offset} isLast={index === stores.length - 1} />
          );
        })}
      </div>
      {hasNextPage && (
        <p role="status" className="border-t border-line px-4 py-3 text-center text-xs text-muted">
          {t.loadingMore}
        </p>
      )}
    </div>
  );
}

function HeaderRow() {
  const t = useTexts(LIST_TEXTS);
  const cell = 'text-xs font-medium text-muted';
  return (
    <div role="rowgroup" className="max-md:sr-only">
      <div role="row" aria-rowindex={1} className={clsx(COLUMNS, 'h-9 border-b border-line')}>
        <span role="columnheader" className={cell}>
          {t.name}
        </span>
        <span role="columnheader" className={cell}>
          {t.status}
        </span>
        <span role="columnheader" className={cell}>
          {t.engine}
        </span>
        <span role="columnheader" className={clsx(cell, 'text-right')}>
          {t.created}
        </span>
      </div>
    </div>
  );
}

interface RowProps {
  readonly store: ListedStore;
  readonly index: number;
  readonly top: number;
  readonly isLast: boolean;
}

const Row = memo(function Row({ store, index, top, isLast }: RowProps) {
  const t = useTexts(LIST_TEXTS);
  const labels = useTexts(LABELS);
  const { storeId, name, slug, engine, status, step, createdAt, hasWarning } = store;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
      className={clsx(
        COLUMNS,
        'absolute top-0 left-0 w-full border-line hover:bg-hover has-focus-visible:bg-hover',
        isLast ? 'rounded-b-lg' : 'border-b',
      )}
    >
      <div role="cell" className="min-w-0">
        <Link href={`/stores/${storeId}`} className="block truncate font-medium after:absolute after:inset-0">
          {name}
        </Link>
        <span className="block truncate text-xs text-muted">
          <span className="md:hidden">{ENGINE_NAMES[engine]}</span>
          <span className="max-md:hidden">{slug}</span>
        </span>
      </div>
      <div role="cell" className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5 max-md:justify-end">
        <StatusBadge status={status} />
        {step !== null && <span className="truncate text-xs text-muted max-md:hidden">{labels.step[step]}</span>}
        {hasWarning && <Icon name="warning" label={t.needsAttention} className="text-warning" />}
      </div>
      <div role="cell" className="text-muted max-md:hidden">
        {ENGINE_NAMES[engine]}
      </div>
      <div role="cell" className="text-right text-muted max-md:hidden">
        <Time value={createdAt} />
      </div>
    </div>
  );
});

const PLACEHOLDERS = ['w-40', 'w-56', 'w-32', 'w-48', 'w-36'];

/** Takes the place of the rows until the first page is there. */
export function LoadingRows() {
  return (
    <div aria-hidden="true" className="rounded-lg border border-line bg-surface">
      <div className="h-9 border-b border-line max-md:hidden" />
      {PLACEHOLDERS.map((width) => (
        <div key={width} style={{ height: ROW_PX }} className={clsx(COLUMNS, 'border-b border-line last:border-b-0')}>
          <Skeleton className={clsx('h-4', width)} />
          <Skeleton className="h-5 w-20 rounded-full" />
        </div>
      ))}
    </div>
  );
}
