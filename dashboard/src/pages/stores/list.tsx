import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Stores' }, de: { title: 'Shops' } });

/** Placeholder of a page. */
export function StoreListPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
