import type { Webhook } from '@store-platform/client';
import { useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { WEBHOOK_TEXTS } from './texts.ts';
import { WebhookForm } from './webhook-form.tsx';

/** Changes a webhook. */
export function EditWebhookDialog({
  webhook,
  open,
  onOpenChange,
}: {
  readonly webhook: Webhook;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const t = useTexts(WEBHOOK_TEXTS);
  const client = useQueryClient();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} size="lg" title={t.form.editTitle} closeLabel={t.form.close}>
      <WebhookForm
        webhook={webhook}
        submitLabel={t.form.save}
        send={async (body) =>
          dataOf(await api.PATCH('/api/webhooks/{id}', { params: { path: { id: webhook.webhookId } }, body }))
        }
        onDone={() => {
          toast.success(t.changed);
          void client.invalidateQueries({ queryKey: settingsKeys.webhooks });
          onOpenChange(false);
        }}
        onCancel={() => onOpenChange(false)}
      />
    </Dialog>
  );
}
