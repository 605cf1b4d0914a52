import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'API tokens' }, de: { title: 'API-Token' } });

/** Placeholder of a page. */
export function TokensPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
