import type { Statistics } from '@store-platform/client';
import { useMemo } from 'react';
import { Chart } from '../charts/chart.tsx';
import { ENGINE_NAMES } from '../pages/stores/model/catalogue.ts';
import { FAILURES } from '../pages/stores/texts/failures.ts';
import { LABELS } from '../pages/stores/texts/labels.ts';
import { formatDuration, formatNumber } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { useTexts } from '../text/texts.ts';
import { Panel } from '../ui/panel.tsx';
import {
  causesOf,
  changesChart,
  failuresChart,
  operationsChart,
  outcomesOf,
  readyChart,
  residentChart,
  sum,
} from './model.ts';
import { StatusTable } from './status-table.tsx';
import { StepTable } from './step-table.tsx';
import { STATISTICS_TEXTS } from './texts.ts';

interface PictureProps {
  readonly statistics: Statistics;
}

/** All pictures of some statistics. */
export function Pictures({ statistics }: PictureProps) {
  const t = useTexts(STATISTICS_TEXTS);
  return (
    <div className="grid gap-4 xl:grid-cols-2 2xl:gap-6">
      <StoresPicture statistics={statistics} />
      <ChangesPicture statistics={statistics} />
      <OperationsPicture statistics={statistics} />
      <FailuresPicture statistics={statistics} />
      <ReadyPicture statistics={statistics} />
      <StepsPicture statistics={statistics} />
      <Panel title={t.byStatus} isFlush className="xl:col-span-2">
        <StatusTable stores={statistics.stores} />
      </Panel>
    </div>
  );
}

/** Returns the texts of the pictures, and a function that writes numbers as the language does. */
function usePictureTexts() {
  const t = useTexts(STATISTICS_TEXTS);
  const { language } = useLanguage();
  return {
    t,
    number: (value: number): string => formatNumber(value, language),
    seconds: (value: number): string => formatDuration(value * 1_000, language),
  };
}

function StoresPicture({ statistics }: PictureProps) {
  const { t, number } = usePictureTexts();
  const data = useMemo(() => residentChart(statistics, t.resident), [statistics, t]);
  const { storesOverTime } = statistics;
  const summary = t.storesSummary(
    number(storesOverTime.at(-1)?.resident ?? 0),
    number(sum(storesOverTime.map(({ created }) => created))),
    number(sum(storesOverTime.map(({ deleted }) => deleted))),
  );
  return (
    <Panel title={t.stores}>
      <Chart label={t.stores} summary={summary} data={data} />
    </Panel>
  );
}

function ChangesPicture({ statistics }: PictureProps) {
  const { t, number } = usePictureTexts();
  const data = useMemo(() => changesChart(statistics, t), [statistics, t]);
  const [created, deleted] = data.series.map(({ values }) => number(sum(values)));
  return (
    <Panel title={t.changes}>
      <Chart label={t.changes} summary={t.changesSummary(created ?? '', deleted ?? '')} data={data} />
    </Panel>
  );
}

function OperationsPicture({ statistics }: PictureProps) {
  const { t, number } = usePictureTexts();
  const data = useMemo(() => operationsChart(statistics, t.outcomes), [statistics, t]);
  const { ended, failed } = outcomesOf(statistics);
  return (
    <Panel title={t.operations}>
      <Chart label={t.operations} summary={t.operationsSummary(number(ended), number(failed))} data={data} />
    </Panel>
  );
}

function FailuresPicture({ statistics }: PictureProps) {
  const { t, number } = usePictureTexts();
  const failures = useTexts(FAILURES);
  const data = useMemo(
    () => failuresChart(statistics, { titleOf: (code) => failures[code].title, others: t.others }),
    [statistics, failures, t],
  );
  const causes = causesOf(statistics);
  const [first] = causes;
  if (first === undefined) {
    return (
      <Panel title={t.failures}>
        <p className="text-sm text-muted">{t.noFailure}</p>
      </Panel>
    );
  }
  const total = number(sum(causes.map(({ count }) => count)));
  return (
    <Panel title={t.failures}>
      <Chart
        label={t.failures}
        summary={t.failuresSummary(total, failures[first.code].title, number(first.count))}
        data={data}
      />
    </Panel>
  );
}

function ReadyPicture({ statistics }: PictureProps) {
  const { t, seconds } = usePictureTexts();
  const { language } = useLanguage();
  const data = useMemo(() => {
    const text = (value: number): string => (value < 120 ? `${value} s` : `${formatNumber(value / 60, language)} min`);
    return readyChart(statistics, {
      engineNames: ENGINE_NAMES,
      upTo: (value) => t.upTo(text(value)),
      above: (value) => t.above(text(value)),
    });
  }, [statistics, t, language]);
  const summary = statistics.timeToReady.map(({ engine, p50Seconds, p90Seconds, p99Seconds }) => (
    <span key={engine} className="block">
      {t.readySummary(ENGINE_NAMES[engine], seconds(p50Seconds), seconds(p90Seconds), seconds(p99Seconds))}
    </span>
  ));
  return (
    <Panel title={t.ready} description={t.readyHint}>
      {summary.length === 0 ? (
        <p className="text-sm text-muted">{t.noReady}</p>
      ) : (
        <Chart label={t.ready} summary={summary} positionLabel={t.duration} data={data} />
      )}
    </Panel>
  );
}

function StepsPicture({ statistics: { provisionSteps } }: PictureProps) {
  const { t, seconds } = usePictureTexts();
  const labels = useTexts(LABELS);
  const longest = provisionSteps.toSorted((a, b) => b.p50Seconds - a.p50Seconds)[0];
  return (
    <Panel title={t.steps} description={t.stepsHint} isFlush>
      {longest !== undefined && (
        <p className="px-4 pt-3 text-sm text-muted">
          {t.stepsSummary(labels.step[longest.step], seconds(longest.p50Seconds))}
        </p>
      )}
      <StepTable steps={provisionSteps} />
    </Panel>
  );
}
