import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'All stores' }, de: { title: 'Alle Shops' } });

/** Placeholder of a page. */
export function AllStoresPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
