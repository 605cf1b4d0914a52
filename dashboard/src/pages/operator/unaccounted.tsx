import { useSearchParams } from 'wouter';
import { useTexts } from '../../text/texts.ts';
import { PageHeader } from '../../ui/page-header.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { NamespaceList } from './unaccounted/namespace-list.tsx';
import { OrphanList } from './unaccounted/orphan-list.tsx';
import { RemovalsNotice } from './unaccounted/removals-notice.tsx';
import { UNACCOUNTED_TEXTS } from './unaccounted/texts.ts';

/** Namespaces and objects in the cluster without a record, and the decisions about them. */
export function UnaccountedPage() {
  const t = useTexts(UNACCOUNTED_TEXTS);
  const [params, setParams] = useSearchParams();
  const tab = params.get('tab') === 'orphans' ? 'orphans' : 'namespaces';
  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      <RemovalsNotice />
      <Tabs
        label={t.title}
        value={tab}
        onChange={(value) => setParams({ tab: value }, { replace: true })}
        tabs={[
          { value: 'namespaces', label: t.tabs.namespaces, content: <NamespaceList /> },
          { value: 'orphans', label: t.tabs.orphans, content: <OrphanList /> },
        ]}
      />
    </>
  );
}
