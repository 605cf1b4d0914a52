import type { AuditEntry } from '@store-platform/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/query.ts';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { Select } from '../../ui/select.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { QueryView } from './parts/query-view.tsx';
import { useFilters } from './parts/use-filters.ts';

type Outcome = AuditEntry['outcome'];
const TONES = { succeeded: 'success', refused: 'danger', failed: 'warning' } as const satisfies Record<Outcome, Tone>;
const OUTCOMES = Object.keys(TONES) as readonly Outcome[];

const TEXTS = defineTexts({
  en: {
    title: 'Audit log of all tenants',
    description: 'Each change, each read of credentials, and each refused request. Entries cannot be changed.',
    tenant: 'Tenant',
    allTenants: 'All tenants',
    actor: 'Actor',
    allActors: 'All actors',
    action: 'Action',
    allActions: 'All actions',
    outcome: 'Outcome',
    allOutcomes: 'All outcomes',
    outcomes: { succeeded: 'Succeeded', refused: 'Refused', failed: 'Failed' } satisfies Record<Outcome, string>,
    time: 'Time',
    target: 'Target',
    change: 'Change',
    platform: 'Platform',
    correlationId: 'Correlation id',
    copy: 'Copy the correlation id',
    none: 'No entry matches',
    noneHint: 'Remove a filter to see more entries.',
  },
  de: {
    title: 'Audit-Protokoll aller Mandanten',
    description:
      'Jede Änderung, jedes Lesen von Zugangsdaten und jede abgewiesene Anfrage. Einträge lassen sich nicht ändern.',
    tenant: 'Mandant',
    allTenants: 'Alle Mandanten',
    actor: 'Akteur',
    allActors: 'Alle Akteure',
    action: 'Aktion',
    allActions: 'Alle Aktionen',
    outcome: 'Ergebnis',
    allOutcomes: 'Alle Ergebnisse',
    outcomes: { succeeded: 'Erfolgreich', refused: 'Abgewiesen', failed: 'Fehlgeschlagen' },
    time: 'Zeit',
    target: 'Ziel',
    change: 'Änderung',
    platform: 'Plattform',
    correlationId: 'Korrelations-ID',
    copy: 'Korrelations-ID kopieren',
    none: 'Kein passender Eintrag',
    noneHint: 'Entfernen Sie einen Filter, um mehr Einträge zu sehen.',
  },
});
const PAGE = 50;
const FILTERS = ['tenant', 'actor', 'action', 'outcome'] as const;
type Filters = Readonly<Record<(typeof FILTERS)[number], string>>;

async function readPage({ tenant, actor, action, outcome }: Filters, cursor: string | null) {
  const wanted = OUTCOMES.find((each) => each === outcome);
  const query = {
    limit: PAGE,
    ...(cursor === null ? {} : { cursor }),
    ...(tenant === '' ? {} : { tenantId: tenant }),
    ...(actor === '' ? {} : { actor }),
    ...(action === '' ? {} : { action }),
    ...(wanted === undefined ? {} : { outcome: wanted }),
  };
  return dataOf(await api.GET('/api/admin/audit', { params: { query } }));
}

/** The audit log of all tenants and of the platform. */
export function AllAuditPage() {
  const t = useTexts(TEXTS);
  const [filters, setFilter] = useFilters(FILTERS);
  const query = useInfiniteQuery({
    queryKey: [...keys.operator, 'audit', filters],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => readPage(filters, pageParam),
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
    placeholderData: keepPreviousData,
  });
  const columns: readonly Column<AuditEntry>[] = [
    { id: 'at', header: t.time, cell: ({ at }) => <Time value={at} absolute /> },
    { id: 'tenant', header: t.tenant, from: 'md', cell: ({ tenantId }) => tenantId ?? t.platform },
    {
      id: 'actor',
      header: t.actor,
      from: 'sm',
      cell: ({ actor }) => <code className="font-mono text-xs">{actor}</code>,
    },
    {
      id: 'action',
      header: t.action,
      cell: ({ action, target }) => (
        <div className="grid gap-0.5">
          <code className="font-mono text-xs font-medium">{action}</code>
          {target !== null && <span className="text-xs text-muted">{target}</span>}
        </div>
      ),
    },
    {
      id: 'outcome',
      header: t.outcome,
      cell: ({ outcome }) => <Badge tone={TONES[outcome]}>{t.outcomes[outcome]}</Badge>,
    },
    {
      id: 'change',
      header: t.change,
      from: 'xl',
      cell: ({ change }) =>
        change === null ? '–' : <code className="font-mono text-xs text-muted">{JSON.stringify(change)}</code>,
    },
    {
      id: 'correlation',
      header: <span className="sr-only">{t.correlationId}</span>,
      align: 'end',
      from: 'sm',
      cell: ({ correlationId }) => <CopyButton text={correlationId} label={t.copy} />,
    },
  ];
  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      <div className="mb-4 flex flex-wrap gap-2">
        {(
          [
            ['tenant', t.tenant, t.allTenants],
            ['actor', t.actor, t.allActors],
            ['action', t.action, t.allActions],
          ] as const
        ).map(([name, label, placeholder]) => (
          <SearchBox
            key={name}
            className="w-52 max-sm:w-full"
            label={label}
            placeholder={placeholder}
            value={filters[name]}
            onChange={(value) => setFilter(name, value.trim())}
          />
        ))}
        <Select
          aria-label={t.outcome}
          className="w-44"
          value={filters.outcome}
          onChange={(value) => setFilter('outcome', value)}
          options={[
            { value: '', label: t.allOutcomes },
            ...OUTCOMES.map((value) => ({ value, label: t.outcomes[value] })),
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
              rowKey={({ id }) => String(id)}
              empty={<EmptyState icon="audit" title={t.none} description={t.noneHint} />}
            />
            <LoadMore {...query} />
          </Panel>
        )}
      </QueryView>
    </>
  );
}
