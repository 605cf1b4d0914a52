import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Held operations' }, de: { title: 'Angehaltene Vorgänge' } });

/** Placeholder of a page. */
export function HeldPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
