import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Fleet' }, de: { title: 'Flotte' } });

/** Placeholder of a page. */
export function FleetPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
