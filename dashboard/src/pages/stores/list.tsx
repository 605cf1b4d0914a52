import { clsx } from 'clsx';
import { useCallback, useMemo } from 'react';
import { Link, useSearch, useLocation } from 'wouter';
import { useSession } from '../../api/session.tsx';
import { useTexts } from '../../text/texts.ts';
import { buttonClasses } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { useStoreList } from './data/store-list.ts';
import { FilterBar } from './list/filter-bar.tsx';
import { FirstStore } from './list/first-store.tsx';
import { LoadingRows, StoreRows } from './list/store-rows.tsx';
import { LIST_TEXTS } from './list/texts.ts';
import { isFiltered, readFilters, writeFilters, type StoreFilters } from './model/filters.ts';
import { QuotaMeter } from './quota-meter.tsx';

/** Lists the stores of the tenant. */
export function StoreListPage() {
  const t = useTexts(LIST_TEXTS);
  const session = useSession();
  const [filters, setFilters] = useFilters();
  const list = useStoreList(filters);
  const isEmpty = list.isSuccess && list.stores.length === 0 && !list.hasNextPage;
  const isFirst = isEmpty && !isFiltered(filters) && !list.isPlaceholderData;
  return (
    <>
      <PageHeader
        title={t.title}
        actions={
          <>
            <QuotaMeter />
            {!isFirst && session.can('createStore') && (
              <Link href="/stores/new" className={buttonClasses({ variant: 'primary' })}>
                <Icon name="plus" />
                {t.create}
              </Link>
            )}
          </>
        }
      />
      {isFirst ? <FirstStore /> : <FilterBar filters={filters} onChange={setFilters} />}
      {list.isError && <ErrorPanel error={list.error} onRetry={list.refetch} />}
      {list.isPending && <LoadingRows />}
      {isEmpty && !isFirst && <NoMatch />}
      {list.stores.length > 0 && (
        <div
          aria-busy={list.isPlaceholderData}
          className={clsx('transition-opacity', list.isPlaceholderData && 'opacity-60')}
        >
          <StoreRows {...list} />
        </div>
      )}
      <output className="sr-only">{list.isSuccess && t.shown(list.stores.length, !list.hasNextPage)}</output>
    </>
  );
}

function NoMatch() {
  const t = useTexts(LIST_TEXTS);
  return (
    <div className="rounded-lg border border-line bg-surface">
      <EmptyState icon="search" title={t.noMatch} description={t.noMatchHint} />
    </div>
  );
}

/**
 * The filters in the address of the page. A change of a text replaces the entry of the history, so that one step back leaves the
 * search. An empty text adds one, so that one step back brings the search back.
 */
function useFilters(): readonly [StoreFilters, (filters: StoreFilters) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filters = useMemo(() => readFilters(new URLSearchParams(search)), [search]);
  const setFilters = useCallback(
    (changed: StoreFilters) => {
      const query = writeFilters(changed);
      const isTyped = changed.name !== filters.name && filters.name !== '' && changed.name !== '';
      navigate(query === '' ? path : `${path}?${query}`, { replace: isTyped });
    },
    [filters, path, navigate],
  );
  return [filters, setFilters];
}
