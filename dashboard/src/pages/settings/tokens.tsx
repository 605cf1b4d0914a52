import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useSession } from '../../api/session.tsx';
import { useTexts } from '../../text/texts.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { AccountList } from './tokens/account-list.tsx';
import { TOKEN_TEXTS } from './tokens/texts.ts';
import { TokenDialog } from './tokens/token-dialog.tsx';
import { TokenTable } from './tokens/token-table.tsx';

const TAB = 'tab';

/** The API tokens of the person and, for admins, those of service accounts. */
export function TokensPage() {
  const t = useTexts(TOKEN_TEXTS);
  const { can } = useSession();
  const [search, setSearch] = useSearchParams();
  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      {can('listServiceAccounts') ? (
        <Tabs
          label={t.title}
          value={search.get(TAB) ?? 'own'}
          onChange={(tab) => setSearch(tab === 'own' ? {} : { [TAB]: tab })}
          tabs={[
            { value: 'own', label: t.own, content: <OwnTokens /> },
            { value: 'service-accounts', label: t.serviceAccounts, content: <AccountList /> },
          ]}
        />
      ) : (
        <OwnTokens />
      )}
    </>
  );
}

function OwnTokens() {
  const t = useTexts(TOKEN_TEXTS);
  const { user } = useSession();
  const [isCreating, setCreating] = useState(false);
  if (user === null) {
    return (
      <Panel title={t.own}>
        <EmptyState icon="key" title={t.ownNone} description={t.ownNoneHint} />
      </Panel>
    );
  }
  const create = (
    <Button variant="primary" icon="plus" onClick={() => setCreating(true)}>
      {t.create}
    </Button>
  );
  return (
    <Panel title={t.own} actions={create} isFlush>
      <TokenTable label={t.own} empty={<EmptyState icon="key" title={t.empty} description={t.emptyHint} />} />
      <TokenDialog open={isCreating} onOpenChange={setCreating} />
    </Panel>
  );
}
