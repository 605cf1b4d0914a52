import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Returns the mark of a verification order: its id and an HMAC of the id. A customer can write the same field of an
 * order but can't compute the HMAC without a secret of the store. So the platform never cancels a customer's order.
 */
export function sealOrder(secret: string, verificationId: string): string {
  return `${verificationId}.${hmac(secret, verificationId)}`;
}

/** Returns the verification id of a mark, undefined when its HMAC is wrong. */
export function openSeal(secret: string, mark: unknown): string | undefined {
  if (typeof mark !== 'string') return undefined;
  const [, verificationId, seal] = /^([A-Za-z0-9-]{1,64})\.([0-9a-f]{64})$/.exec(mark) ?? [];
  if (verificationId === undefined || seal === undefined) return undefined;
  return timingSafeEqual(Buffer.from(seal), Buffer.from(hmac(secret, verificationId))) ? verificationId : undefined;
}

export function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}
