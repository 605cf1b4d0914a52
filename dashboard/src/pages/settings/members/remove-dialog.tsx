import type { Member } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { api } from '../../../api/client.ts';
import { keys } from '../../../api/query.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { settingsKeys } from '../shared/settings-keys.ts';
import { nameOf } from './member-name.ts';
import { MEMBER_TEXTS } from './texts.ts';

/** Asks before a member is removed, or leaves the tenant. */
export function RemoveDialog({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  const t = useTexts(MEMBER_TEXTS);
  const client = useQueryClient();
  const { user } = useSession();
  const showFailure = useFailureToast();
  const isOwn = member.userId === user?.userId;
  const name = nameOf(member, t.unnamed);
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/members/{id}', { params: { path: { id: member.userId } } }),
    onSuccess: async () => {
      toast.success(t.removed(name));
      onClose();
      // The API answers for another tenant of the person now, or for none.
      if (isOwn) await client.invalidateQueries({ queryKey: keys.me });
    },
    onError: (error) => showFailure(t.notRemoved, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.members }),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={isOwn ? t.leaveTitle : t.removeTitle(name)}
      description={isOwn ? t.leaveText : t.removeText}
      confirmLabel={isOwn ? t.leaveAction : t.removeAction}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
    />
  );
}
