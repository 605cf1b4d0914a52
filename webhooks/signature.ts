import { Webhook } from 'standardwebhooks';

/**
 * Returns the headers of the Standard Webhooks specification. The message has one signature for each secret, so that a
 * receiver can change to a new secret at any time of the overlap.
 *
 * @param secrets At least one, each with the prefix `whsec_`.
 */
export function signatureHeaders(message: {
  readonly messageId: string;
  /** Time of the attempt. Receivers reject old messages. */
  readonly at: Date;
  readonly body: string;
  readonly secrets: readonly string[];
}): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const { messageId, at, body, secrets } = message;
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, at, body)).join(' '),
  };
}
