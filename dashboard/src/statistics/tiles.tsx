import type { Statistics } from '@store-platform/client';
import type { ReactNode } from 'react';
import { ENGINE_NAMES } from '../pages/stores/model/catalogue.ts';
import { formatNumber } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { useTexts } from '../text/texts.ts';
import { Duration } from '../ui/duration.tsx';
import { outcomesOf, sum } from './model.ts';
import { STATISTICS_TEXTS } from './texts.ts';

/** The most important numbers. `children` are more tiles. */
export function Tiles({ statistics, children }: { readonly statistics: Statistics; readonly children?: ReactNode }) {
  const t = useTexts(STATISTICS_TEXTS);
  const { language } = useLanguage();
  const { stores, timeToReady } = statistics;
  const all = sum(stores.map(({ count }) => count));
  const inStatus = (wanted: string): number =>
    sum(stores.filter(({ status }) => status === wanted).map(({ count }) => count));
  const { ended, failed } = outcomesOf(statistics);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
      <Tile label={t.tiles.ready} hint={t.ofStores(formatNumber(all, language))}>
        {formatNumber(inStatus('ready'), language)}
      </Tile>
      <Tile label={t.tiles.failed}>{formatNumber(inStatus('failed'), language)}</Tile>
      <Tile label={t.tiles.success} hint={ended === 0 ? t.noOperation : undefined}>
        {ended === 0 ? '–' : percent.format((ended - failed) / ended)}
      </Tile>
      {timeToReady.map(({ engine, p50Seconds }) => (
        <Tile key={engine} label={t.tiles.p50} hint={ENGINE_NAMES[engine]}>
          <Duration ms={p50Seconds * 1_000} />
        </Tile>
      ))}
      {children}
    </dl>
  );
}

/** A number with its name. */
export function Tile({
  label,
  hint,
  children,
}: {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className="grid content-start gap-0.5 rounded-lg border border-line bg-surface px-4 py-3">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-xl font-semibold">{children}</span>
        {hint !== undefined && <span className="text-xs text-muted">{hint}</span>}
      </dd>
    </div>
  );
}
