import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Webhooks' }, de: { title: 'Webhooks' } });

/** Placeholder of a page. */
export function WebhooksPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
