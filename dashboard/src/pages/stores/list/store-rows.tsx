import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { memo, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { Link } from 'wouter';
import { formatInstant, formatRelative } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Icon } from '../../../ui/icon.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { ENGINE_NAMES } from '../model/catalogue.ts';
import type { ListedStore } from '../model/list-cache.ts';
import { StatusBadge } from '../store-status.tsx';
import { LABELS } from '../texts/labels.ts';
import { LIST_TEXTS } from './texts.ts';

const ROW_PX = 56;
/** Rows outside of the window that are kept, so that fast scrolling shows no gap. */
const OVERSCAN = 8;
/** Rows before the end at which the next page is read. */
const READ_AHEAD = 40;
const TIMES_STEP_MS = 10_000;
const WIDE = 'max-md:hidden';

interface RowsProps {
  readonly stores: readonly ListedStore[];
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

/** The rows of the list. Only those in the window are in the document, so that 10,000 stores scroll smoothly. */
export function StoreRows({ stores, hasNextPage, isFetchingNextPage, fetchNextPage }: RowsProps) {
  const t = useTexts(LIST_TEXTS);
  const now = useNow(TIMES_STEP_MS);
  const body = useRef<HTMLTableSectionElement>(null);
  const offset = useOffset(body);
  // oxlint-disable-next-line react/incompatible-library -- the project does not use the React compiler
  const virtualizer = useWindowVirtualizer({
    count: stores.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => stores[index]?.storeId ?? index,
    overscan: OVERSCAN,
    scrollMargin: offset,
  });
  const items = virtualizer.getVirtualItems();
  const before = (items[0]?.start ?? offset) - offset;
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset);
  const isNearEnd = hasNextPage && (items.at(-1)?.index ?? 0) >= stores.length - READ_AHEAD;
  useEffect(() => {
    if (isNearEnd && !isFetchingNextPage) void fetchNextPage();
  }, [isNearEnd, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <table
        aria-label={t.title}
        aria-rowcount={hasNextPage ? -1 : stores.length + 1}
        className="w-full table-fixed border-separate border-spacing-0"
      >
        <colgroup>
          <col />
          <col className="w-40 md:w-60 xl:w-72" />
          <col className={clsx(WIDE, 'w-36')} />
          <col className={clsx(WIDE, 'w-40')} />
        </colgroup>
        <HeaderRow />
        <tbody ref={body}>
          <Gap px={before} />
          {items.map(({ index, key }) => {
            const store = stores[index];
            return store === undefined ? null : <Row key={key} store={store} index={index} now={now} />;
          })}
          <Gap px={after} />
        </tbody>
      </table>
      {hasNextPage && (
        <output className="block border-t border-line px-4 py-3 text-center text-xs text-muted">{t.loadingMore}</output>
      )}
    </div>
  );
}

/** Returns the distance of an element from the top of the document. It changes with the height of what is above. */
function useOffset(element: RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void =>
      setOffset(Math.round((element.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return offset;
}

/** Takes the place of the rows that are not in the document. */
function Gap({ px }: { readonly px: number }) {
  return px <= 0 ? null : <tr aria-hidden="true" style={{ height: px }} />;
}

function HeaderRow() {
  const t = useTexts(LIST_TEXTS);
  const cell = 'h-9 border-b border-line px-4 text-left text-xs font-medium text-muted';
  return (
    <thead className="max-md:sr-only">
      <tr aria-rowindex={1}>
        <th scope="col" className={cell}>
          {t.name}
        </th>
        <th scope="col" className={cell}>
          {t.status}
        </th>
        <th scope="col" className={clsx(cell, WIDE)}>
          {t.engine}
        </th>
        <th scope="col" className={clsx(cell, WIDE, 'text-right!')}>
          {t.created}
        </th>
      </tr>
    </thead>
  );
}

interface RowProps {
  readonly store: ListedStore;
  readonly index: number;
  readonly now: number;
}

const CELL = 'h-14 border-b border-line px-4 py-0 group-last:border-b-0';

const Row = memo(function Row({ store, index, now }: RowProps) {
  const t = useTexts(LIST_TEXTS);
  const labels = useTexts(LABELS);
  const { storeId, name, slug, engine, status, step, createdAt, hasWarning } = store;
  return (
    <tr aria-rowindex={index + 2} className="group relative hover:bg-hover has-focus-visible:bg-hover">
      <td className={CELL}>
        <Link href={`/stores/${storeId}`} className="block truncate font-medium after:absolute after:inset-0">
          {name}
        </Link>
        <span className="block truncate text-xs text-muted">
          <span className="md:hidden">{ENGINE_NAMES[engine]}</span>
          <span className={WIDE}>{slug}</span>
        </span>
      </td>
      <td className={clsx(CELL, 'max-md:text-right')}>
        <StatusBadge status={status} />
        {hasWarning && <Icon name="warning" label={t.needsAttention} className="ml-2 inline text-warning" />}
        {step !== null && <span className="block truncate text-xs text-muted max-md:hidden">{labels.step[step]}</span>}
      </td>
      <td className={clsx(CELL, WIDE, 'text-muted')}>{ENGINE_NAMES[engine]}</td>
      <td className={clsx(CELL, WIDE, 'text-right text-muted')}>
        <CreatedTime value={createdAt} now={now} />
      </td>
    </tr>
  );
});

/** A relative time without a tooltip of its own: those of many rows would slow the scrolling down. */
function CreatedTime({ value, now }: { readonly value: string; readonly now: number }) {
  const { language } = useLanguage();
  const at = Date.parse(value);
  return (
    <time dateTime={value} title={`${formatInstant(at, language)}\n${formatInstant(at, language, 'UTC')}`}>
      {formatRelative(at, Math.max(at, now), language)}
    </time>
  );
}

const PLACEHOLDERS = ['w-40', 'w-56', 'w-32', 'w-48', 'w-36'];

/** Takes the place of the rows until the first page is there. */
export function LoadingRows() {
  return (
    <div aria-hidden="true" className="rounded-lg border border-line bg-surface">
      <div className="h-9 border-b border-line max-md:hidden" />
      {PLACEHOLDERS.map((width) => (
        <div
          key={width}
          className="flex h-14 items-center justify-between border-b border-line px-4 last:border-b-0 md:pr-120"
        >
          <Skeleton className={clsx('h-4', width)} />
          <Skeleton className="h-5 w-20 rounded-full" />
        </div>
      ))}
    </div>
  );
}
