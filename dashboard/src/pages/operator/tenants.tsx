import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Tenants' }, de: { title: 'Mandanten' } });

/** Placeholder of a page. */
export function TenantsPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
