import type { Invitation } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { Panel } from '../../../ui/panel.tsx';
import type { Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { useActorNames } from '../shared/actors.tsx';
import { PagedTable, usePagedList } from '../shared/lists.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { RoleBadge } from '../shared/roles.tsx';
import { PEOPLE_INTERVAL_MS, settingsKeys } from '../shared/settings-keys.ts';
import { INVITATION_TEXTS } from './texts.ts';

const PAGE_SIZE = 50;

/** The invitations that no person has accepted yet. */
export function InvitationList() {
  const t = useTexts(INVITATION_TEXTS);
  const [revoking, setRevoking] = useState<Invitation>();
  const list = usePagedList({
    queryKey: settingsKeys.invitations,
    read: async (cursor) =>
      dataOf(await api.GET('/api/invitations', { params: { query: { limit: PAGE_SIZE, cursor } } })),
    refetchInterval: () => PEOPLE_INTERVAL_MS,
  });
  return (
    <Panel title={t.title} description={t.description} isFlush>
      <PagedTable
        label={t.title}
        list={list}
        columns={useColumns(setRevoking)}
        rowKey={({ invitationId }) => invitationId}
        empty={<p className="p-4 text-center text-sm text-muted">{t.empty}</p>}
      />
      {revoking !== undefined && <RevokeDialog invitation={revoking} onClose={() => setRevoking(undefined)} />}
    </Panel>
  );
}

function useColumns(onRevoke: (invitation: Invitation) => void): readonly Column<Invitation>[] {
  const t = useTexts(INVITATION_TEXTS);
  const { can } = useSession();
  const nameOf = useActorNames();
  const columns: readonly Column<Invitation>[] = [
    {
      id: 'who',
      header: t.columns.who,
      cell: ({ email, role }) => (
        <div className="grid justify-items-start gap-1">
          {email ?? <span className="text-muted">{t.anyone}</span>}
          <span className="sm:hidden">
            <RoleBadge role={role} />
          </span>
        </div>
      ),
    },
    { id: 'role', header: t.columns.role, from: 'sm', cell: ({ role }) => <RoleBadge role={role} /> },
    { id: 'by', header: t.columns.by, from: 'md', cell: ({ createdBy }) => nameOf(createdBy) },
    { id: 'expires', header: t.columns.expires, from: 'sm', cell: ({ expiresAt }) => <Time value={expiresAt} /> },
  ];
  if (!can('deleteInvitation')) return columns;
  return [
    ...columns,
    {
      id: 'actions',
      header: <span className="sr-only">{t.columns.actions}</span>,
      align: 'end',
      cell: (invitation) => (
        <Button size="sm" aria-label={t.revokeNamed(invitation.email ?? t.anyone)} onClick={() => onRevoke(invitation)}>
          {t.revoke}
        </Button>
      ),
    },
  ];
}

function RevokeDialog({ invitation, onClose }: { readonly invitation: Invitation; readonly onClose: () => void }) {
  const t = useTexts(INVITATION_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const revoke = useMutation({
    mutationFn: () => api.DELETE('/api/invitations/{id}', { params: { path: { id: invitation.invitationId } } }),
    onSuccess: () => {
      toast.success(t.revoked);
      onClose();
    },
    onError: (error) => showFailure(t.notRevoked, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.invitations }),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t.revokeTitle}
      description={t.revokeText(invitation.email ?? t.anyone)}
      confirmLabel={t.revokeAction}
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
    />
  );
}
