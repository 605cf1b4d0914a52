import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({
  en: { title: 'Audit log of all tenants' },
  de: { title: 'Audit-Protokoll aller Mandanten' },
});

/** Placeholder of a page. */
export function AllAuditPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
