import type { ServiceAccount } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { LoadMore } from '../../../ui/load-more.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Time } from '../../../ui/time.tsx';
import { useActorNames } from '../shared/actors.tsx';
import { TableSkeleton, usePagedList } from '../shared/lists.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { RoleBadge } from '../shared/roles.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { AccountDialog } from './account-dialog.tsx';
import { ACCOUNT_TEXTS } from './account-texts.ts';
import { TOKEN_TEXTS } from './texts.ts';
import { TokenDialog } from './token-dialog.tsx';
import { TokenTable } from './token-table.tsx';

const PAGE_SIZE = 50;

/** The service accounts of the tenant, each with its tokens. */
export function AccountList() {
  const t = useTexts(ACCOUNT_TEXTS);
  const [isCreating, setCreating] = useState(false);
  const list = usePagedList({
    queryKey: settingsKeys.serviceAccounts,
    read: async (cursor) =>
      dataOf(await api.GET('/api/service-accounts', { params: { query: { limit: PAGE_SIZE, cursor } } })),
  });
  const create = (
    <Button icon="plus" onClick={() => setCreating(true)}>
      {t.create}
    </Button>
  );
  return (
    <Panel title={t.label} description={t.description} actions={create} isFlush>
      {list.error !== null ? (
        <div className="p-4">
          <ErrorPanel error={list.error} onRetry={list.refetch} />
        </div>
      ) : list.isPending ? (
        <TableSkeleton />
      ) : list.rows.length === 0 ? (
        <EmptyState icon="server" title={t.empty} description={t.emptyHint} />
      ) : (
        <ul>
          {list.rows.map((account) => (
            <AccountItem key={account.serviceAccountId} account={account} />
          ))}
        </ul>
      )}
      <LoadMore {...list} />
      <AccountDialog open={isCreating} onOpenChange={setCreating} />
    </Panel>
  );
}

function AccountItem({ account }: { readonly account: ServiceAccount }) {
  const t = useTexts(ACCOUNT_TEXTS);
  const tokenTexts = useTexts(TOKEN_TEXTS);
  const nameOf = useActorNames();
  const [isOpen, setOpen] = useState(false);
  const [dialog, setDialog] = useState<'token' | 'delete'>();
  const close = (): void => setDialog(undefined);
  return (
    <li className="border-b border-line last:border-b-0">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
        <div className="grid min-w-0 gap-0.5">
          <div className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{account.name}</span>
            <RoleBadge role={account.role} />
          </div>
          <p className="text-xs text-muted">
            {t.createdBy(nameOf(account.createdBy))} · <Time value={account.createdAt} />
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button size="sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
            {t.showTokens}
          </Button>
          <Button size="sm" icon="plus" onClick={() => setDialog('token')}>
            {t.createToken}
          </Button>
          <Button size="sm" aria-label={t.deleteNamed(account.name)} onClick={() => setDialog('delete')}>
            {t.delete}
          </Button>
        </div>
      </div>
      {isOpen && (
        <div className="border-t border-line bg-canvas">
          <TokenTable
            label={t.tokens(account.name)}
            serviceAccountId={account.serviceAccountId}
            empty={<p className="p-4 text-center text-sm text-muted">{tokenTexts.emptyAccount}</p>}
          />
        </div>
      )}
      <TokenDialog
        open={dialog === 'token'}
        onOpenChange={(open) => {
          if (open) return;
          setOpen(true);
          close();
        }}
        account={account}
      />
      {dialog === 'delete' && <DeleteDialog account={account} onClose={close} />}
    </li>
  );
}

function DeleteDialog({ account, onClose }: { readonly account: ServiceAccount; readonly onClose: () => void }) {
  const t = useTexts(ACCOUNT_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/service-accounts/{id}', { params: { path: { id: account.serviceAccountId } } }),
    onSuccess: () => {
      toast.success(t.deleted(account.name));
      onClose();
    },
    onError: (error) => showFailure(t.notDeleted, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.serviceAccounts }),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t.deleteTitle(account.name)}
      description={t.deleteText}
      confirmLabel={t.deleteAction}
      typeToConfirm={account.name}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
    />
  );
}
