import './charts.css';
import { clsx } from 'clsx';
import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { formatNumber } from '../text/format.ts';
import { useLanguage, type Language } from '../text/language.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { totalOf, type ChartData, type Positions } from './chart-data.ts';
import { COLOURS } from './colours.ts';

const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }));

const TEXTS = defineTexts({
  en: {
    table: 'Show as a table',
    numbers: (title: string) => `${title}: numbers`,
    time: 'Time',
    total: 'Total',
    now: 'Now',
  },
  de: {
    table: 'Als Tabelle anzeigen',
    numbers: (title: string) => `${title}: Zahlen`,
    time: 'Zeit',
    total: 'Gesamt',
    now: 'Jetzt',
  },
});

export interface ChartProps {
  /** Name of the chart for screen readers. */
  readonly label: string;
  /** Summary of the picture in one sentence with numbers. */
  readonly summary: ReactNode;
  /** Name of the positions in the table. Default: "Time". */
  readonly positionLabel?: string;
  readonly data: ChartData;
}

/** A picture with its legend, a sentence that says the same, and a table of its numbers. */
export function Chart({ label, summary, positionLabel, data }: ChartProps) {
  const [position, setPosition] = useState<number | null>(null);
  const [isTableOpen, setTableOpen] = useState(false);
  const onPosition = useCallback((index: number | null) => setPosition(index), []);
  const t = useTexts(TEXTS);
  return (
    <figure aria-label={label} className="grid gap-3">
      <figcaption className="text-sm text-muted">{summary}</figcaption>
      <Legend data={data} position={position} />
      <Suspense fallback={<Skeleton className="h-44" />}>
        <Plot data={data} onPosition={onPosition} />
      </Suspense>
      <details onToggle={(event) => setTableOpen(event.currentTarget.open)}>
        <summary className="w-fit cursor-pointer rounded-sm text-xs text-muted hover:text-fg">{t.table}</summary>
        {isTableOpen && <NumberTable label={t.numbers(label)} positionLabel={positionLabel ?? t.time} data={data} />}
      </details>
    </figure>
  );
}

/** The series with their totals, or with their values below the pointer. */
function Legend({ data, position }: { readonly data: ChartData; readonly position: number | null }) {
  const { language } = useLanguage();
  const t = useTexts(TEXTS);
  const rest = data.series.every(({ total }) => total === 'last') ? t.now : t.total;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      <li className="min-w-20 text-muted">
        {position === null ? rest : positionName(data.positions, position, language)}
      </li>
      {data.series.map((series) => (
        <li key={series.id} className="flex items-center gap-1.5">
          <span aria-hidden="true" className={clsx('size-2.5 rounded-xs', COLOURS[series.colour])} />
          {series.label}
          <span className="font-medium whitespace-nowrap">
            {formatNumber(position === null ? totalOf(series) : (series.values[position] ?? 0), language)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function NumberTable({
  label,
  positionLabel,
  data: { positions, series },
}: {
  readonly label: string;
  readonly positionLabel: string;
  readonly data: ChartData;
}) {
  const { language } = useLanguage();
  const rows = Array.from({ length: series[0]?.values.length ?? 0 }, (_, index) => index);
  const columns: readonly Column<number>[] = [
    { id: 'position', header: positionLabel, cell: (index) => positionName(positions, index, language) },
    ...series.map(({ id, label: header, values }): Column<number> => ({
      id,
      header,
      align: 'end',
      cell: (index) => formatNumber(values[index] ?? 0, language),
    })),
  ];
  return <Table label={label} columns={columns} rows={rows} rowKey={String} className="mt-2 max-h-64" />;
}

function positionName(positions: Positions, index: number, language: Language): string {
  if (positions.kind === 'classes') return positions.labels[index] ?? '';
  const start = positions.startsMs[index];
  if (start === undefined) return '';
  // Days begin at midnight of UTC, so the date of another zone could be the day before.
  const isDay = positions.bucketMs >= 86_400_000;
  const format = isDay
    ? new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
    : new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return format.format(start);
}
