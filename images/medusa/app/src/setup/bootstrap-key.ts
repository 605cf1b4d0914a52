import { createHmac } from 'node:crypto';
import { setting } from './environment';

/** The header that authenticates the setup Job to the server. Only the store's own Medusa processes have the secret. */
export const BOOTSTRAP_KEY_HEADER = 'x-bootstrap-key';

/** Returns the value of the header: an HMAC-SHA256 under `JWT_SECRET`, in hex. */
export function bootstrapKey(): string {
  return createHmac('sha256', setting('JWT_SECRET')).update('store-platform/bootstrap').digest('hex');
}
