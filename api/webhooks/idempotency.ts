import { createHash } from 'node:crypto';
import type { CreateWebhookBody } from '../contract/webhook.ts';

/** Returns the SHA-256 of a create request, in hex. It distinguishes a repeated request from a different one. */
export function requestHashOf({ url, eventTypes, description }: CreateWebhookBody): string {
  const canonical: Record<keyof CreateWebhookBody, unknown> = {
    url,
    eventTypes: eventTypes === null ? null : eventTypes.toSorted(),
    description,
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
