import type { Webhook } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { newKey } from '../../../browser/new-key.ts';
import { useFailureToast } from '../shared/problem-text.ts';
import { settingsKeys } from '../shared/settings-keys.ts';
import { DETAIL_TEXTS } from './detail-texts.ts';
import { WEBHOOK_TEXTS } from './texts.ts';
import { WebhookSecret } from './webhook-secret.tsx';

/** Asks before the secret is rotated, and then shows the new one once. */
export function RotateDialog({
  webhook: { webhookId },
  open,
  onOpenChange,
}: {
  readonly webhook: Webhook;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const t = useTexts(DETAIL_TEXTS);
  const texts = useTexts(WEBHOOK_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const [secret, setSecret] = useState<string>();
  // A repetition after a lost response must not rotate again: it would end the secret that the server uses earlier.
  const [key, setKey] = useState(newKey);
  const rotate = useMutation({
    mutationFn: async () =>
      dataOf(
        await api.POST('/api/webhooks/{id}/rotate-secret', {
          params: { path: { id: webhookId }, header: { 'Idempotency-Key': key } },
        }),
      ),
    onSuccess: (rotated) => {
      setSecret(rotated.secret);
      setKey(newKey());
      void client.invalidateQueries({ queryKey: settingsKeys.webhook(webhookId) });
    },
    onError: (error) => showFailure(t.notRotated, error),
  });
  const close = (): void => {
    setSecret(undefined);
    onOpenChange(false);
  };
  return (
    <>
      <ConfirmDialog
        open={open && secret === undefined}
        onOpenChange={close}
        title={t.rotateTitle}
        description={t.rotateText}
        confirmLabel={t.rotateAction}
        tone="neutral"
        pending={rotate.isPending}
        onConfirm={() => rotate.mutate()}
      />
      <Dialog
        open={open && secret !== undefined}
        onOpenChange={close}
        title={texts.made.rotatedTitle}
        closeLabel={texts.form.close}
      >
        {secret !== undefined && <WebhookSecret secret={secret} isRotated onDone={close} />}
      </Dialog>
    </>
  );
}
