import { Link } from 'wouter';
import type { ReactNode } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { RangeSelect, useRange } from '../../statistics/range-select.tsx';
import { StatisticsView } from '../../statistics/statistics-view.tsx';
import { formatNumber } from '../../text/format.ts';
import { useLanguage } from '../../text/language.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { useFilters } from './parts/use-filters.ts';
import { useOperatorQuery } from './parts/use-operator.ts';

const TEXTS = defineTexts({
  en: {
    title: 'Fleet',
    description: 'The stores of all tenants, running operations, and decisions for operators.',
    tenant: 'Tenant',
    allTenants: 'All tenants',
    waiting: 'Open decisions and work',
    held: 'Held operations',
    running: 'Running operations',
    queued: 'Queued operations',
    unaccounted: 'Namespaces without a record',
    orphans: 'Orphans',
    cluster: (name: string) => `Cluster ${name}`,
    storesIn: (stores: number, text: string) => (stores === 1 ? '1 store' : `${text} stores`),
    cordoned: 'Cordoned',
    draining: 'Draining',
    unreachable: 'Not reachable',
    ready: 'Accepts stores',
    removals: 'Removals',
    removalStates: { active: 'Active', paused: 'Paused', resuming: 'Resuming' },
  },
  de: {
    title: 'Flotte',
    description: 'Die Shops aller Mandanten, was läuft und was auf den Betrieb wartet.',
    tenant: 'Mandant',
    allTenants: 'Alle Mandanten',
    waiting: 'Offene Entscheidungen und Arbeit',
    held: 'Angehaltene Vorgänge',
    running: 'Laufende Vorgänge',
    queued: 'Wartende Vorgänge',
    unaccounted: 'Namespaces ohne Datensatz',
    orphans: 'Verwaiste Objekte',
    cluster: (name: string) => `Cluster ${name}`,
    storesIn: (stores: number, text: string) => (stores === 1 ? '1 Shop' : `${text} Shops`),
    cordoned: 'Gesperrt',
    draining: 'Wird geleert',
    unreachable: 'Nicht erreichbar',
    ready: 'Nimmt Shops an',
    removals: 'Entfernungen',
    removalStates: { active: 'Aktiv', paused: 'Pausiert', resuming: 'Wird fortgesetzt' },
  },
});

/** The fleet at a glance: the decisions that operators must take, and the pictures of all tenants. */
export function FleetPage() {
  const t = useTexts(TEXTS);
  const [range, setRange] = useRange();
  const [{ tenant }, setFilter] = useFilters(['tenant']);
  return (
    <>
      <PageHeader
        title={t.title}
        description={t.description}
        actions={
          <>
            <SearchBox
              className="w-48"
              label={t.tenant}
              placeholder={t.allTenants}
              value={tenant}
              onChange={(value) => setFilter('tenant', value.trim())}
            />
            <RangeSelect value={range} onChange={setRange} />
          </>
        }
      />
      <div className="grid gap-4 2xl:gap-6">
        <WaitingTiles />
        <StatisticsView range={range} whose={{ scope: 'all', tenantId: tenant === '' ? undefined : tenant }} />
      </div>
    </>
  );
}

async function count(status: 'held' | 'running' | 'queued'): Promise<number> {
  return dataOf(await api.GET('/api/admin/operations', { params: { query: { status, limit: 1 } } })).pagination.total;
}

async function readWaiting() {
  const [held, running, queued, unaccounted, orphans, clusters, removals] = await Promise.all([
    count('held'),
    count('running'),
    count('queued'),
    api.GET('/api/admin/unaccounted', { params: { query: { limit: 1 } } }).then(dataOf),
    api.GET('/api/orphans', { params: { query: { limit: 1 } } }).then(dataOf),
    api.GET('/api/admin/clusters').then(dataOf),
    api.GET('/api/admin/removals').then(dataOf),
  ]);
  return {
    held,
    running,
    queued,
    unaccounted: unaccounted.pagination.total,
    orphans: orphans.pagination.total,
    clusters: clusters.data,
    removals: removals.state,
  };
}

function WaitingTiles() {
  const t = useTexts(TEXTS);
  const { language } = useLanguage();
  const { data } = useOperatorQuery(['waiting'], readWaiting);
  const number = (value: number | undefined): string => (value === undefined ? '–' : formatNumber(value, language));
  return (
    <ul aria-label={t.waiting} className="grid grid-cols-2 gap-3 sm:grid-cols-4 2xl:grid-cols-7">
      <LinkTile href="/operator/held" label={t.held} isWarning={(data?.held ?? 0) > 0}>
        {number(data?.held)}
      </LinkTile>
      <LinkTile href="/operator/held?status=running" label={t.running}>
        {number(data?.running)}
      </LinkTile>
      <LinkTile href="/operator/held?status=queued" label={t.queued}>
        {number(data?.queued)}
      </LinkTile>
      <LinkTile href="/operator/unaccounted" label={t.unaccounted} isWarning={(data?.unaccounted ?? 0) > 0}>
        {number(data?.unaccounted)}
      </LinkTile>
      <LinkTile href="/operator/unaccounted?tab=orphans" label={t.orphans}>
        {number(data?.orphans)}
      </LinkTile>
      <LinkTile href="/operator/unaccounted" label={t.removals} isWarning={data?.removals === 'paused'}>
        {data === undefined ? '–' : t.removalStates[data.removals]}
      </LinkTile>
      {data?.clusters.map(({ name, status, residentStores, isReachable }) => (
        <LinkTile key={name} href="/operator/clusters" label={t.cluster(name)}>
          {t.storesIn(residentStores, number(residentStores))}{' '}
          <Badge tone={isReachable ? (status === 'ready' ? 'success' : 'warning') : 'danger'}>
            {isReachable ? t[status] : t.unreachable}
          </Badge>
        </LinkTile>
      ))}
    </ul>
  );
}

function LinkTile({
  href,
  label,
  isWarning = false,
  children,
}: {
  readonly href: string;
  readonly label: string;
  readonly isWarning?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <Link
        href={href}
        className="grid h-full content-start gap-0.5 rounded-lg border border-line bg-surface px-4 py-3 hover:bg-hover"
      >
        <span className="text-xs text-muted">{label}</span>
        <span className={isWarning ? 'text-xl font-semibold text-warning' : 'text-xl font-semibold'}>{children}</span>
      </Link>
    </li>
  );
}
