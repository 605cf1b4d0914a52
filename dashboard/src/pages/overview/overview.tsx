import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Overview' }, de: { title: 'Übersicht' } });

/** Placeholder of a page. */
export function OverviewPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
