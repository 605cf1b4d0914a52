import type { Member } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Role } from '../../../api/access.ts';
import { api, dataOf } from '../../../api/client.ts';
import { keys } from '../../../api/query.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import type { Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { PagedTable, usePagedList } from '../shared/lists.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { ROLE_TEXTS, RoleBadge, RoleSelect } from '../shared/roles.tsx';
import { PEOPLE_INTERVAL_MS, settingsKeys } from '../shared/settings-keys.ts';
import { nameOf } from './member-name.ts';
import { RemoveDialog } from './remove-dialog.tsx';
import { MEMBER_TEXTS } from './texts.ts';

const PAGE_SIZE = 50;

/** The members of the tenant. Admins change roles in it and remove people. */
export function MemberTable() {
  const t = useTexts(MEMBER_TEXTS);
  const [removing, setRemoving] = useState<Member>();
  const list = usePagedList({
    queryKey: [...settingsKeys.members, 'list'],
    read: async (cursor) => dataOf(await api.GET('/api/members', { params: { query: { limit: PAGE_SIZE, cursor } } })),
    refetchInterval: () => PEOPLE_INTERVAL_MS,
  });
  return (
    <>
      <PagedTable
        label={t.list}
        list={list}
        columns={useColumns(setRemoving)}
        rowKey={({ userId }) => userId}
        empty={<EmptyState icon="users" title={t.empty} />}
      />
      {removing !== undefined && <RemoveDialog member={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function useColumns(onRemove: (member: Member) => void): readonly Column<Member>[] {
  const t = useTexts(MEMBER_TEXTS);
  const { can, user } = useSession();
  const isOwn = (member: Member): boolean => member.userId === user?.userId;
  const roleOf = (member: Member) =>
    can('updateMember') ? <RoleCell member={member} isOwn={isOwn(member)} /> : <RoleBadge role={member.role} />;
  const columns: readonly Column<Member>[] = [
    {
      id: 'person',
      header: t.columns.person,
      cell: (member) => (
        <div className="grid">
          <span className="flex flex-wrap items-center gap-2 font-medium">
            {nameOf(member, t.unnamed)}
            {isOwn(member) && <Badge dot={false}>{t.you}</Badge>}
          </span>
          {member.name !== null && member.email !== null && <span className="text-xs text-muted">{member.email}</span>}
          <span className="mt-1.5 sm:hidden">{roleOf(member)}</span>
        </div>
      ),
    },
    {
      id: 'role',
      header: t.columns.role,
      className: 'w-44',
      from: 'sm',
      cell: roleOf,
    },
    { id: 'joined', header: t.columns.joined, from: 'md', cell: ({ createdAt }) => <Time value={createdAt} /> },
  ];
  if (!can('removeMember')) return columns;
  return [
    ...columns,
    {
      id: 'actions',
      header: <span className="sr-only">{t.columns.actions}</span>,
      align: 'end',
      cell: (member) => (
        <Button
          size="sm"
          aria-label={isOwn(member) ? t.leaveAction : t.removeNamed(nameOf(member, t.unnamed))}
          onClick={() => onRemove(member)}
        >
          {isOwn(member) ? t.leave : t.remove}
        </Button>
      ),
    },
  ];
}

/** Changes the role of a member at once. Admins confirm before they give up their own rights. */
function RoleCell({ member, isOwn }: { readonly member: Member; readonly isOwn: boolean }) {
  const t = useTexts(MEMBER_TEXTS);
  const roles = useTexts(ROLE_TEXTS).names;
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const [wanted, setWanted] = useState<Role>();
  const name = nameOf(member, t.unnamed);
  const change = useMutation({
    mutationFn: async (role: Role) =>
      dataOf(await api.PATCH('/api/members/{id}', { params: { path: { id: member.userId } }, body: { role } })),
    onSuccess: ({ role }) => {
      toast.success(t.changed(name, roles[role]));
      if (isOwn) void client.invalidateQueries({ queryKey: keys.me });
    },
    onError: (error) => showFailure(t.notChanged, error),
    onSettled: () => {
      setWanted(undefined);
      return client.invalidateQueries({ queryKey: settingsKeys.members });
    },
  });
  return (
    <>
      <RoleSelect
        label={t.roleOf(name)}
        // The new role is shown at once, and the old one again if the change fails.
        value={change.isPending ? change.variables : member.role}
        highest="admin"
        onChange={(role) => {
          if (role === member.role || change.isPending) return;
          if (isOwn) setWanted(role);
          else change.mutate(role);
        }}
      />
      {wanted !== undefined && (
        <ConfirmDialog
          open
          onOpenChange={() => setWanted(undefined)}
          title={t.lowerTitle}
          description={t.lowerText(roles[wanted])}
          confirmLabel={t.lowerAction}
          pending={change.isPending}
          onConfirm={() => change.mutate(wanted)}
        />
      )}
    </>
  );
}
