import type { TenantStore } from '@store-platform/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/query.ts';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { Select } from '../../ui/select.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { ENGINE_NAMES, ENGINES, STATUSES } from '../stores/model/catalogue.ts';
import { StatusBadge } from '../stores/store-status.tsx';
import { FAILURES } from '../stores/texts/failures.ts';
import { LABELS } from '../stores/texts/labels.ts';
import { QueryView } from './parts/query-view.tsx';
import { StoreLink } from './parts/store-link.tsx';
import { useFilters } from './parts/use-filters.ts';
import { WebUiLink } from './parts/web-ui-link.tsx';

const TEXTS = defineTexts({
  en: {
    title: 'All stores',
    description: 'The stores of all tenants. The link of a store opens it in its tenant.',
    search: 'Search by name',
    tenant: 'Tenant',
    allTenants: 'All tenants',
    status: 'Status',
    allStatuses: 'All statuses',
    engine: 'Engine',
    allEngines: 'All engines',
    name: 'Name',
    state: 'State',
    degraded: 'Verification fails',
    drift: 'Drift',
    created: 'Created',
    run: 'Run',
    none: 'No store matches',
    noneHint: 'Remove a filter to see more stores.',
  },
  de: {
    title: 'Alle Shops',
    description: 'Die Shops aller Mandanten. Der Link eines Shops öffnet ihn in seinem Mandanten.',
    search: 'Nach Namen suchen',
    tenant: 'Mandant',
    allTenants: 'Alle Mandanten',
    status: 'Status',
    allStatuses: 'Alle Status',
    engine: 'Engine',
    allEngines: 'Alle Engines',
    name: 'Name',
    state: 'Befund',
    degraded: 'Prüfung schlägt fehl',
    drift: 'Abweichung',
    created: 'Angelegt',
    run: 'Run',
    none: 'Kein passender Shop',
    noneHint: 'Entfernen Sie einen Filter, um mehr Shops zu sehen.',
  },
});
const PAGE = 50;
const REFRESH_MS = 15_000;
const FILTERS = ['name', 'tenant', 'status', 'engine'] as const;
type Filters = Readonly<Record<(typeof FILTERS)[number], string>>;

async function readPage({ name, tenant, status, engine }: Filters, cursor: string | null) {
  const wantedStatus = STATUSES.find((each) => each === status);
  const wantedEngine = ENGINES.find((each) => each === engine);
  const query = {
    limit: PAGE,
    ...(cursor === null ? {} : { cursor }),
    ...(name === '' ? {} : { name }),
    ...(tenant === '' ? {} : { tenantId: tenant }),
    ...(wantedStatus === undefined ? {} : { status: [wantedStatus] }),
    ...(wantedEngine === undefined ? {} : { engine: wantedEngine }),
  };
  return dataOf(await api.GET('/api/admin/stores', { params: { query } }));
}

/** The stores of all tenants. */
export function AllStoresPage() {
  const t = useTexts(TEXTS);
  const labels = useTexts(LABELS);
  const [filters, setFilter] = useFilters(FILTERS);
  const query = useInfiniteQuery({
    queryKey: [...keys.operator, 'stores', filters],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => readPage(filters, pageParam),
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const columns: readonly Column<TenantStore>[] = [
    {
      id: 'name',
      header: t.name,
      cell: ({ name, storeId, tenantId }) => (
        <div className="grid gap-0.5">
          <StoreLink storeId={storeId} tenantId={tenantId}>
            {name}
          </StoreLink>
          <span className="text-xs text-muted">{tenantId}</span>
        </div>
      ),
    },
    { id: 'status', header: t.status, cell: ({ status }) => <StatusBadge status={status} /> },
    { id: 'engine', header: t.engine, from: 'md', cell: ({ engine }) => ENGINE_NAMES[engine] },
    { id: 'state', header: t.state, from: 'lg', cell: (store) => <StoreFinding store={store} /> },
    { id: 'created', header: t.created, from: 'sm', cell: ({ createdAt }) => <Time value={createdAt} /> },
    {
      id: 'run',
      header: t.run,
      from: 'md',
      cell: ({ operation }) =>
        operation === null ? '–' : <WebUiLink href={operation.webUrl} id={operation.workflowId} />,
    },
  ];
  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      <div className="mb-4 flex flex-wrap gap-2">
        <SearchBox
          className="w-64 max-sm:w-full"
          label={t.search}
          value={filters.name}
          onChange={(value) => setFilter('name', value)}
        />
        <SearchBox
          className="w-56 max-sm:w-full"
          label={t.tenant}
          placeholder={t.allTenants}
          value={filters.tenant}
          onChange={(value) => setFilter('tenant', value.trim())}
        />
        <Select
          aria-label={t.status}
          className="w-44"
          value={filters.status}
          onChange={(value) => setFilter('status', value)}
          options={[
            { value: '', label: t.allStatuses },
            ...STATUSES.map((value) => ({ value, label: labels.status[value] })),
          ]}
        />
        <Select
          aria-label={t.engine}
          className="w-40"
          value={filters.engine}
          onChange={(value) => setFilter('engine', value)}
          options={[
            { value: '', label: t.allEngines },
            ...ENGINES.map((value) => ({ value, label: ENGINE_NAMES[value] })),
          ]}
        />
      </div>
      <QueryView query={query}>
        {({ pages }) => (
          <Panel isFlush>
            <Table
              label={t.title}
              columns={columns}
              rows={pages.flatMap(({ data }) => data)}
              rowKey={({ storeId }) => storeId}
              empty={<EmptyState icon="layers" title={t.none} description={t.noneHint} />}
            />
            <LoadMore {...query} />
          </Panel>
        )}
      </QueryView>
    </>
  );
}

/** The trouble of a store: the cause of its failure, a failed verification, or drift. */
function StoreFinding({ store: { operation, degraded, drift } }: { readonly store: TenantStore }) {
  const t = useTexts(TEXTS);
  const failures = useTexts(FAILURES);
  const failure = operation?.failure ?? null;
  if (failure !== null) return <span className="text-muted">{failures[failure.code].title}</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {degraded !== null && <Badge tone="danger">{t.degraded}</Badge>}
      {drift !== null && <Badge tone="warning">{t.drift}</Badge>}
    </span>
  );
}
