import { PageHeader } from '../../ui/page-header.tsx';
import { defineTexts, useTexts } from '../../text/texts.ts';

const TEXTS = defineTexts({ en: { title: 'Clusters' }, de: { title: 'Cluster' } });

/** Placeholder of a page. */
export function ClustersPage() {
  const t = useTexts(TEXTS);
  return <PageHeader title={t.title} />;
}
