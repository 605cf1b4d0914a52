import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Unaccounted namespaces' }, de: { title: 'Nicht zugeordnete Namespaces' } });

/** Placeholder of a page. */
export function UnaccountedPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
