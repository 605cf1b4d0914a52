import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Create a store' }, de: { title: 'Shop anlegen' } });

/** Placeholder of a page. */
export function CreateStorePage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
