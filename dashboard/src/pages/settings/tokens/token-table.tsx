import type { Token } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { toast } from 'sonner';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import type { Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { Tooltip } from '../../../ui/tooltip.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { PagedTable, usePagedList } from '../shared/lists.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { RoleBadge } from '../shared/roles.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { TOKEN_TEXTS } from './texts.ts';

const PAGE_SIZE = 50;
const EXPIRY_STEP_MS = 60_000;

/** The tokens of the person, or of a service account. */
export function TokenTable({
  label,
  serviceAccountId,
  empty,
}: {
  readonly label: string;
  readonly serviceAccountId?: string;
  readonly empty: ReactNode;
}) {
  const [revoking, setRevoking] = useState<Token>();
  const list = usePagedList({
    queryKey: settingsKeys.tokensOf(serviceAccountId),
    read: async (cursor) =>
      dataOf(await api.GET('/api/tokens', { params: { query: { limit: PAGE_SIZE, cursor, serviceAccountId } } })),
  });
  return (
    <>
      <PagedTable
        label={label}
        list={list}
        columns={useColumns(setRevoking)}
        rowKey={({ tokenId }) => tokenId}
        empty={empty}
      />
      {revoking !== undefined && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function useColumns(onRevoke: (token: Token) => void): readonly Column<Token>[] {
  const t = useTexts(TOKEN_TEXTS);
  return [
    {
      id: 'name',
      header: t.columns.name,
      cell: ({ name, prefix }) => (
        <div className="grid">
          <span className="font-medium">{name}</span>
          <code className="font-mono text-xs text-muted">{prefix}…</code>
        </div>
      ),
    },
    { id: 'rights', header: t.columns.rights, cell: (token) => <Rights token={token} /> },
    {
      id: 'created',
      header: t.columns.created,
      from: 'lg',
      cell: ({ createdAt }) => <Time value={createdAt} />,
    },
    {
      id: 'lastUsed',
      header: t.columns.lastUsed,
      from: 'md',
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? <span className="text-muted">{t.never}</span> : <Time value={lastUsedAt} />,
    },
    { id: 'expires', header: t.columns.expires, from: 'sm', cell: ({ expiresAt }) => <Expiry expiresAt={expiresAt} /> },
    {
      id: 'actions',
      header: <span className="sr-only">{t.columns.actions}</span>,
      align: 'end',
      cell: (token) => (
        <Button size="sm" aria-label={t.revokeNamed(token.name)} onClick={() => onRevoke(token)}>
          {t.revoke}
        </Button>
      ),
    },
  ];
}

function Rights({ token: { role, scopes } }: { readonly token: Token }) {
  const t = useTexts(TOKEN_TEXTS);
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <RoleBadge role={role} />
      {scopes === null ? (
        <span className="text-xs text-muted max-sm:hidden">{t.allRights}</span>
      ) : (
        <Tooltip text={<span className="font-mono">{scopes.join(', ')}</span>}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the tooltip must be reachable by keyboard */}
          <span tabIndex={0} className="rounded-sm text-xs text-muted underline decoration-dotted underline-offset-2">
            {t.scopes(scopes.length)}
            <span className="sr-only">: {scopes.join(', ')}</span>
          </span>
        </Tooltip>
      )}
    </div>
  );
}

function Expiry({ expiresAt }: { readonly expiresAt: string | null }) {
  const t = useTexts(TOKEN_TEXTS);
  const now = useNow(EXPIRY_STEP_MS);
  if (expiresAt === null) return <span className="text-muted">{t.never}</span>;
  return Date.parse(expiresAt) <= now ? <Badge tone="warning">{t.expired}</Badge> : <Time value={expiresAt} />;
}

function RevokeDialog({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const t = useTexts(TOKEN_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const revoke = useMutation({
    mutationFn: () => api.DELETE('/api/tokens/{id}', { params: { path: { id: token.tokenId } } }),
    onSuccess: () => {
      toast.success(t.revoked(token.name));
      onClose();
    },
    onError: (error) => showFailure(t.notRevoked, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.tokens }),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t.revokeTitle(token.name)}
      description={t.revokeText}
      confirmLabel={t.revokeAction}
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
    />
  );
}
