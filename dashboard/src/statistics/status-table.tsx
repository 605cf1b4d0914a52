import type { Statistics } from '@store-platform/client';
import { ENGINE_NAMES, ENGINES, STATUSES, type StoreStatus } from '../pages/stores/model/catalogue.ts';
import { StatusBadge } from '../pages/stores/store-status.tsx';
import { formatNumber } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { useTexts } from '../text/texts.ts';
import { Table, type Column } from '../ui/table.tsx';
import { sum } from './model.ts';
import { STATISTICS_TEXTS } from './texts.ts';

type Counts = Statistics['stores'];

/** The stores at the moment, by status and engine. */
export function StatusTable({ stores }: { readonly stores: Counts }) {
  const t = useTexts(STATISTICS_TEXTS);
  const { language } = useLanguage();
  const all = sum(stores.map(({ count }) => count));
  const countOf = (status: StoreStatus, engine?: string): number =>
    sum(
      stores
        .filter((entry) => entry.status === status && (engine === undefined || entry.engine === engine))
        .map(({ count }) => count),
    );
  const columns: readonly Column<StoreStatus>[] = [
    { id: 'status', header: t.status, cell: (status) => <StatusBadge status={status} /> },
    ...ENGINES.map((engine): Column<StoreStatus> => ({
      id: engine,
      header: ENGINE_NAMES[engine],
      align: 'end',
      cell: (status) => formatNumber(countOf(status, engine), language),
    })),
    { id: 'all', header: t.all, align: 'end', cell: (status) => formatNumber(countOf(status), language) },
    {
      id: 'share',
      header: t.share,
      from: 'sm',
      className: 'w-1/3',
      cell: (status) => <ShareBar share={countOf(status) / all} />,
    },
  ];
  return (
    <Table
      label={t.numbers(t.byStatus)}
      columns={columns}
      rows={STATUSES.filter((status) => countOf(status) > 0)}
      rowKey={(status) => status}
      empty={<p className="p-4 text-sm text-muted">{t.noStores}</p>}
    />
  );
}

function ShareBar({ share }: { readonly share: number }) {
  return (
    <svg aria-hidden="true" className="h-2 w-full" preserveAspectRatio="none" viewBox="0 0 100 8">
      <rect width="100" height="8" className="fill-active" />
      <rect width={share * 100} height="8" className="fill-(--chart-1)" />
    </svg>
  );
}
