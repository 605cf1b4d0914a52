import type { Orphan } from '@store-platform/client';
import { api, dataOf } from '../../../api/client.ts';
import { formatNumber } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Table, type Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useOperatorQuery } from '../parts/use-operator.ts';
import { UNACCOUNTED_TEXTS } from './texts.ts';

const LIMIT = 100;

/** Objects in the cluster that belong to no store. */
export function OrphanList() {
  const t = useTexts(UNACCOUNTED_TEXTS);
  const { language } = useLanguage();
  const number = (value: number): string => formatNumber(value, language);
  const query = useOperatorQuery(['orphans'], async () =>
    dataOf(await api.GET('/api/orphans', { params: { query: { limit: LIMIT } } })),
  );
  const columns: readonly Column<Orphan>[] = [
    {
      id: 'object',
      header: t.object,
      className: 'sm:min-w-48',
      cell: ({ kind, name, namespace }) => (
        <div className="grid gap-0.5">
          <code className="font-mono text-xs font-medium">
            {kind}/{name}
          </code>
          {namespace !== null && <span className="text-xs text-muted">{namespace}</span>}
        </div>
      ),
    },
    { id: 'reason', header: t.reason, from: 'sm', cell: ({ reason }) => reason },
    { id: 'seen', header: t.seen, from: 'md', cell: ({ firstSeen }) => <Time value={firstSeen} /> },
    {
      id: 'removable',
      header: t.removable,
      cell: ({ removableAfter }) => (removableAfter === null ? t.never : <Time value={removableAfter} />),
    },
  ];
  return (
    <QueryView query={query}>
      {({ data, removal, pagination: { total } }) => (
        <>
          {removal.isHeldBack && (
            <p className="rounded-lg border border-warning-line bg-warning-soft p-4">
              {t.heldBack(number(removal.heldBack), number(removal.limit))}
            </p>
          )}
          <Panel isFlush>
            <Table
              label={t.tabs.orphans}
              columns={columns}
              rows={data}
              rowKey={({ uid }) => uid}
              empty={<EmptyState icon="check-circle" title={t.noOrphans} description={t.noOrphansHint} />}
            />
          </Panel>
          {total > data.length && <p className="text-xs text-muted">{t.shown(number(data.length), number(total))}</p>}
        </>
      )}
    </QueryView>
  );
}
