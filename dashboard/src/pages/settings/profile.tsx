import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Profile' }, de: { title: 'Profil' } });

/** Placeholder of a page. */
export function ProfilePage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
