import type { AuditEntry } from '@store-platform/client';
import { Link, useSearchParams } from 'wouter';
import { api, dataOf } from '../../api/client.ts';
import { useTexts } from '../../text/texts.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { ACTION_TEXTS } from './audit/action-texts.ts';
import { EntryDetail } from './audit/entry-detail.tsx';
import { FilterBar } from './audit/filter-bar.tsx';
import { filterOf, queryOf, searchOf, type AuditFilter, type Outcome } from './audit/filter.ts';
import { AUDIT_TEXTS } from './audit/texts.ts';
import { useActorNames } from './shared/actors.tsx';
import { PagedTable, usePagedList } from './shared/lists.tsx';
import { settingsKeys } from './shared/settings-keys.ts';

const PAGE_SIZE = 50;
const TONES: Readonly<Record<Outcome, Tone>> = { succeeded: 'success', refused: 'warning', failed: 'danger' };

/** The audit log of the tenant. The filters are in the address, so that a link shows the same entries. */
export function AuditPage() {
  const t = useTexts(AUDIT_TEXTS);
  const [search, setSearch] = useSearchParams();
  const filter = filterOf(search);
  const terms = searchOf(filter);
  const setFilter = (changed: AuditFilter): void => setSearch(searchOf(changed));
  const list = usePagedList({
    queryKey: settingsKeys.audit(terms),
    read: async (cursor) =>
      dataOf(
        await api.GET('/api/audit', {
          params: { query: { ...queryOf(filter, Date.now()), limit: PAGE_SIZE, cursor } },
        }),
      ),
    keepsRows: true,
  });
  const isFiltered = Object.keys(terms).length > 0;
  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      <Panel isFlush>
        <FilterBar filter={filter} onChange={setFilter} />
        <PagedTable
          label={t.title}
          list={list}
          columns={useColumns()}
          rowKey={({ id }) => String(id)}
          renderDetail={(entry) => (
            <EntryDetail entry={entry} onFilter={(changed) => setFilter({ ...filter, ...changed })} />
          )}
          empty={
            isFiltered ? (
              <EmptyState icon="filter" title={t.emptyFilter} />
            ) : (
              <EmptyState icon="audit" title={t.empty} description={t.emptyHint} />
            )
          }
        />
      </Panel>
    </>
  );
}

function useColumns(): readonly Column<AuditEntry>[] {
  const t = useTexts(AUDIT_TEXTS);
  const actions: Readonly<Record<string, string>> = useTexts(ACTION_TEXTS);
  const nameOf = useActorNames();
  return [
    { id: 'time', header: t.columns.time, from: 'sm', cell: ({ at }) => <Time value={at} /> },
    {
      id: 'action',
      header: t.columns.action,
      cell: ({ action, at, change }) => (
        <div className="grid">
          <span>{actions[action] ?? <code className="font-mono text-xs">{action}</code>}</span>
          <span className="text-xs text-muted">{summaryOf(change)}</span>
          <span className="text-xs text-muted sm:hidden">
            <Time value={at} />
          </span>
        </div>
      ),
    },
    { id: 'actor', header: t.columns.actor, cell: ({ actor }) => nameOf(actor) },
    { id: 'target', header: t.columns.target, from: 'lg', cell: ({ target }) => <Target target={target} /> },
    {
      id: 'outcome',
      header: t.columns.outcome,
      from: 'md',
      cell: ({ outcome }) => <Badge tone={TONES[outcome]}>{t.outcomes[outcome]}</Badge>,
    },
  ];
}

/** Returns the field of a request that says most about it. */
function summaryOf(change: AuditEntry['change']): string | undefined {
  const values = [change?.['name'], change?.['email'], change?.['description'], change?.['role']];
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

const PAGES: Readonly<Record<string, string>> = { store: '/stores', webhook: '/settings/webhooks' };

/** The resource of an entry, as a link if it has a page. */
function Target({ target }: { readonly target: string | null }) {
  if (target === null) return <span className="text-muted">–</span>;
  const [kind = '', id = ''] = target.split('/');
  const page = PAGES[kind];
  const text = <code className="font-mono text-xs">{`${kind}/${id.slice(0, 8)}`}</code>;
  if (page === undefined) return text;
  return (
    <Link href={`${page}/${id}`} className="underline decoration-line-strong underline-offset-2 hover:decoration-fg">
      {text}
    </Link>
  );
}
