import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Members' }, de: { title: 'Mitglieder' } });

/** Placeholder of a page. */
export function MembersPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
