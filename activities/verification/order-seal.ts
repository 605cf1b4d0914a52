import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Marks an order as a probe. What anyone may write on an order, a customer could write too; the seal can't be made
 * without a secret of the store, so no order but ours is ever taken back.
 */
export function sealOrder(secret: string, verificationId: string): string {
  return `${verificationId}.${hmac(secret, verificationId)}`;
}

/** The probe id of a mark with a good seal, else undefined. */
export function openSeal(secret: string, mark: unknown): string | undefined {
  if (typeof mark !== 'string') return undefined;
  const [, verificationId, seal] = /^([A-Za-z0-9-]{1,64})\.([0-9a-f]{64})$/.exec(mark) ?? [];
  if (verificationId === undefined || seal === undefined) return undefined;
  return timingSafeEqual(Buffer.from(seal), Buffer.from(hmac(secret, verificationId))) ? verificationId : undefined;
}

export function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}
