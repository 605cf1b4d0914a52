import type { WebhookWithSecret } from '@store-platform/client';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { WEBHOOK_TEXTS } from './texts.ts';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookSecret } from './webhook-secret.tsx';

/** Creates a webhook, shows its secret once, and then leads to its page. */
export function CreateWebhookDialog({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const t = useTexts(WEBHOOK_TEXTS);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [created, setCreated] = useState<WebhookWithSecret>();
  const change = (isOpen: boolean): void => {
    onOpenChange(isOpen);
    if (isOpen || created === undefined) return;
    setCreated(undefined);
    navigate(`/settings/webhooks/${created.webhookId}`);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      size="lg"
      title={created === undefined ? t.form.createTitle : t.made.createdTitle}
      closeLabel={t.form.close}
    >
      {created === undefined ? (
        <WebhookForm
          submitLabel={t.form.create}
          send={async (body, key) =>
            dataOf(await api.POST('/api/webhooks', { params: { header: { 'Idempotency-Key': key } }, body }))
          }
          onDone={(webhook) => {
            setCreated(webhook);
            void client.invalidateQueries({ queryKey: settingsKeys.webhookList });
          }}
          onCancel={() => change(false)}
        />
      ) : (
        <WebhookSecret secret={created.secret} onDone={() => change(false)} />
      )}
    </Dialog>
  );
}
