import { createHmac } from 'node:crypto';
import { setting } from './environment';

/** By this header the server knows the set-up Job, which has the same secrets and no others do. */
export const BOOTSTRAP_KEY_HEADER = 'x-bootstrap-key';

export function bootstrapKey(): string {
  return createHmac('sha256', setting('JWT_SECRET')).update('store-platform/bootstrap').digest('hex');
}
