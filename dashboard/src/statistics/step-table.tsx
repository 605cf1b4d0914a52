import type { Statistics } from '@store-platform/client';
import { LABELS } from '../pages/stores/texts/labels.ts';
import { formatNumber } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { useTexts } from '../text/texts.ts';
import { Duration } from '../ui/duration.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { STATISTICS_TEXTS } from './texts.ts';

type StepTimes = Statistics['provisionSteps'][number];

/** How long each step of a provision takes, with a bar to its median, its 90 % and its 99 %. */
export function StepTable({ steps }: { readonly steps: readonly StepTimes[] }) {
  const t = useTexts(STATISTICS_TEXTS);
  const labels = useTexts(LABELS);
  const { language } = useLanguage();
  const longest = Math.max(...steps.map(({ p99Seconds }) => p99Seconds), 0.1);
  const columns: readonly Column<StepTimes>[] = [
    { id: 'step', header: t.step, className: 'sm:min-w-44', cell: ({ step }) => labels.step[step] },
    {
      id: 'distribution',
      header: t.distribution,
      from: 'md',
      className: 'w-1/4',
      cell: (row) => <PercentileBar row={row} longest={longest} />,
    },
    { id: 'p50', header: t.median, align: 'end', cell: ({ p50Seconds }) => <Duration ms={p50Seconds * 1_000} /> },
    { id: 'p90', header: '90 %', align: 'end', cell: ({ p90Seconds }) => <Duration ms={p90Seconds * 1_000} /> },
    {
      id: 'p99',
      header: '99 %',
      align: 'end',
      from: 'sm',
      cell: ({ p99Seconds }) => <Duration ms={p99Seconds * 1_000} />,
    },
    { id: 'count', header: t.count, align: 'end', from: 'lg', cell: ({ count }) => formatNumber(count, language) },
  ];
  return (
    <Table
      label={t.numbers(t.steps)}
      columns={columns}
      rows={steps}
      rowKey={({ step }) => step}
      empty={<p className="p-4 text-sm text-muted">{t.noSteps}</p>}
    />
  );
}

function PercentileBar({ row, longest }: { readonly row: StepTimes; readonly longest: number }) {
  const width = (seconds: number): number => Math.max(0.5, (seconds / longest) * 100);
  return (
    <svg aria-hidden="true" className="h-3 w-full min-w-24" preserveAspectRatio="none" viewBox="0 0 100 12">
      <rect width="100" height="12" className="fill-active" />
      <rect width={width(row.p99Seconds)} height="12" className="fill-(--chart-1) opacity-35" />
      <rect width={width(row.p90Seconds)} height="12" className="fill-(--chart-1) opacity-50" />
      <rect width={width(row.p50Seconds)} height="12" className="fill-(--chart-1)" />
    </svg>
  );
}
