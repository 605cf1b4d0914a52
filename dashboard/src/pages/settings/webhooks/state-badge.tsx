import type { Webhook } from '@store-platform/client';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { WEBHOOK_TEXTS } from './texts.ts';

/** Whether a webhook gets messages, and whether they arrive. */
export function WebhookState({ webhook: { status, failingSince } }: { readonly webhook: Webhook }) {
  const t = useTexts(WEBHOOK_TEXTS).state;
  if (status === 'disabled') return <Badge tone="neutral">{t.disabled}</Badge>;
  return failingSince === null ? <Badge tone="success">{t.enabled}</Badge> : <Badge tone="warning">{t.failing}</Badge>;
}
