import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Audit log' }, de: { title: 'Audit-Protokoll' } });

/** Placeholder of a page. */
export function AuditPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
