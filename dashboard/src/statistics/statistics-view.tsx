import type { ReactNode } from 'react';
import { useTexts } from '../text/texts.ts';
import { ErrorPanel } from '../ui/error-panel.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useStatistics, type RangeName, type Whose } from './data.ts';
import { Pictures } from './pictures.tsx';
import { STATISTICS_TEXTS } from './texts.ts';
import { Tiles } from './tiles.tsx';

/** The numbers and pictures of a tenant or of the fleet. `tiles` are more numbers. */
export function StatisticsView({
  range,
  whose,
  tiles,
}: {
  readonly range: RangeName;
  readonly whose: Whose;
  readonly tiles?: ReactNode;
}) {
  const t = useTexts(STATISTICS_TEXTS);
  const { data, error, refetch } = useStatistics(range, whose);
  if (data === undefined) return error === null ? <Loading /> : <ErrorPanel error={error} onRetry={refetch} />;
  return (
    <div className="grid gap-4 2xl:gap-6">
      {error !== null && <ErrorPanel error={error} onRetry={refetch} />}
      <Tiles statistics={data}>{tiles}</Tiles>
      <Pictures statistics={data} />
      {data.bucket === 'day' && <p className="text-xs text-muted">{t.utc}</p>}
    </div>
  );
}

function Loading() {
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Skeleton className="h-20 xl:col-span-2" />
      {[1, 2, 3, 4, 5, 6].map((panel) => (
        <Skeleton key={panel} className="h-80" />
      ))}
    </div>
  );
}
