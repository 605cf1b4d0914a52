import { RangeSelect, useRange } from '../../statistics/range-select.tsx';
import { StatisticsView } from '../../statistics/statistics-view.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { PageHeader } from '../../ui/page-header.tsx';

const TEXTS = defineTexts({
  en: {
    title: 'Overview',
    description: 'The stores of your tenant, how long they take to become ready, and why some fail.',
  },
  de: {
    title: 'Übersicht',
    description: 'Die Shops Ihres Mandanten, wie lange ihre Einrichtung dauert und woran sie scheitert.',
  },
});

/** The pictures of a tenant. */
export function OverviewPage() {
  const t = useTexts(TEXTS);
  const [range, setRange] = useRange();
  return (
    <>
      <PageHeader
        title={t.title}
        description={t.description}
        actions={<RangeSelect value={range} onChange={setRange} />}
      />
      <StatisticsView range={range} whose={{ scope: 'own' }} />
    </>
  );
}
