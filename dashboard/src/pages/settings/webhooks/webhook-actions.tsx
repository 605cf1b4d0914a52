import type { Webhook } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useLocation } from 'wouter';
import { api } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../ui/menu.tsx';
import { newKey } from '../../../browser/new-key.ts';
import { useFailureToast } from '../shared/problem-text.ts';
import { settingsKeys } from '../shared/settings-keys.ts';
import { DETAIL_TEXTS } from './detail-texts.ts';
import { EditWebhookDialog } from './edit-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';

type OpenDialog = 'edit' | 'rotate' | 'disable' | 'delete';

/** The actions of a webhook that the person may use. */
export function WebhookActions({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(DETAIL_TEXTS);
  const { can } = useSession();
  const [dialog, setDialog] = useState<OpenDialog>();
  const setStatus = useStatusChange(webhook);
  const test = useTest(webhook);
  const close = (): void => setDialog(undefined);
  if (!can('updateWebhook')) return null;
  const isEnabled = webhook.status === 'enabled';
  return (
    <>
      {isEnabled ? (
        <Button icon="send" pending={test.isPending} onClick={() => test.mutate(newKey())}>
          {t.test}
        </Button>
      ) : (
        <Button variant="primary" icon="play" pending={setStatus.isPending} onClick={() => setStatus.mutate('enable')}>
          {t.enable}
        </Button>
      )}
      <Menu trigger={<Button isSquare icon="more" aria-label={t.more} />}>
        <MenuItem icon="edit" onSelect={() => setDialog('edit')}>
          {t.edit}
        </MenuItem>
        <MenuItem icon="key" onSelect={() => setDialog('rotate')}>
          {t.rotate}
        </MenuItem>
        {isEnabled && (
          <MenuItem icon="pause" onSelect={() => setDialog('disable')}>
            {t.disable}
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem icon="trash" tone="danger" onSelect={() => setDialog('delete')}>
          {t.delete}
        </MenuItem>
      </Menu>
      <EditWebhookDialog webhook={webhook} open={dialog === 'edit'} onOpenChange={close} />
      <RotateDialog webhook={webhook} open={dialog === 'rotate'} onOpenChange={close} />
      <ConfirmDialog
        open={dialog === 'disable'}
        onOpenChange={close}
        title={t.disableTitle}
        description={t.disableText}
        confirmLabel={t.disable}
        pending={setStatus.isPending}
        onConfirm={() => setStatus.mutate('disable', { onSuccess: close })}
      />
      {dialog === 'delete' && <DeleteDialog webhook={webhook} onClose={close} />}
    </>
  );
}

function useTest({ webhookId }: Webhook) {
  const t = useTexts(DETAIL_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  return useMutation({
    mutationFn: (key: string) =>
      api.POST('/api/webhooks/{id}/test', {
        params: { path: { id: webhookId }, header: { 'Idempotency-Key': key } },
      }),
    onSuccess: () => toast.success(t.tested),
    onError: (error) => showFailure(t.notTested, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.webhook(webhookId) }),
  });
}

function useStatusChange({ webhookId }: Webhook) {
  const t = useTexts(DETAIL_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  return useMutation({
    mutationFn: (action: 'enable' | 'disable') =>
      api.POST(`/api/webhooks/{id}/${action}`, { params: { path: { id: webhookId } } }),
    onSuccess: (_, action) => toast.success(action === 'enable' ? t.enabled : t.disabled),
    onError: (error, action) => showFailure(action === 'enable' ? t.notEnabled : t.notDisabled, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.webhooks }),
  });
}

function DeleteDialog({ webhook, onClose }: { readonly webhook: Webhook; readonly onClose: () => void }) {
  const t = useTexts(DETAIL_TEXTS);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const showFailure = useFailureToast();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/webhooks/{id}', { params: { path: { id: webhook.webhookId } } }),
    onSuccess: () => {
      toast.success(t.deleted);
      onClose();
      navigate('/settings/webhooks');
      client.removeQueries({ queryKey: settingsKeys.webhook(webhook.webhookId) });
      void client.invalidateQueries({ queryKey: settingsKeys.webhookList });
    },
    onError: (error) => showFailure(t.notDeleted, error),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t.deleteTitle}
      description={t.deleteText}
      confirmLabel={t.deleteAction}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
    />
  );
}
