import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Schedules' }, de: { title: 'Zeitpläne' } });

/** Placeholder of a page. */
export function SchedulesPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
