import { Link } from 'wouter';
import { defineTexts, useTexts } from '../text/texts.ts';
import { buttonClasses } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { PageHeader } from '../ui/page-header.tsx';

const TEXTS = defineTexts({
  en: {
    title: 'Page not found',
    description: 'The address is wrong, or you need another role in this tenant.',
    back: 'Show the stores',
  },
  de: {
    title: 'Seite nicht gefunden',
    description: 'Die Adresse ist falsch, oder Sie benötigen eine andere Rolle in diesem Mandanten.',
    back: 'Shops anzeigen',
  },
});

/** The page of a path without a page, or with one that the person may not see. */
export function NotFoundPage() {
  const t = useTexts(TEXTS);
  return (
    <>
      <PageHeader title={t.title} />
      <EmptyState
        icon="search"
        title={t.description}
        action={
          <Link href="/" className={buttonClasses()}>
            {t.back}
          </Link>
        }
      />
    </>
  );
}
