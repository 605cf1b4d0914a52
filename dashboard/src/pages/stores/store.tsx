import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Store' }, de: { title: 'Shop' } });

/** Placeholder of a page. */
export function StorePage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
