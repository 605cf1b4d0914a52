import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Webhook' }, de: { title: 'Webhook' } });

/** Placeholder of a page. */
export function WebhookPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
