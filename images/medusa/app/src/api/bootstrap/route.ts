import { timingSafeEqual } from 'node:crypto';
import type { MedusaRequest, MedusaResponse } from '@medusajs/framework/http';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';
import { fillShop } from '../../bootstrap/fill-shop';
import { BOOTSTRAP_KEY_HEADER, bootstrapKey } from '../../setup/bootstrap-key';
import { messageOf } from '../../setup/eventually';

interface Body {
  readonly email?: unknown;
  readonly password?: unknown;
}

/**
 * Fills the shop, once: for the store's set-up Job, which alone can reach this path and has the key. The storefront does not
 * pass it on.
 */
export async function POST(request: MedusaRequest, response: MedusaResponse): Promise<void> {
  if (!hasKey(request.headers[BOOTSTRAP_KEY_HEADER])) {
    response.status(401).send(`the header ${BOOTSTRAP_KEY_HEADER} is missing or wrong`);
    return;
  }
  const { email, password } = (request.body ?? {}) as Body;
  if (typeof email !== 'string' || typeof password !== 'string' || email === '' || password === '') {
    response.status(400).send('email and password of the admin must be given, as strings');
    return;
  }
  try {
    response.send(await fillShop(request.scope, { email, password }));
  } catch (error) {
    request.scope.resolve(ContainerRegistrationKeys.LOGGER).error(`bootstrap: ${messageOf(error)}`, error as Error);
    response.status(500).send(messageOf(error));
  }
}

function hasKey(given: unknown): boolean {
  const wanted = Buffer.from(bootstrapKey());
  const offered = Buffer.from(typeof given === 'string' ? given : '');
  return offered.length === wanted.length && timingSafeEqual(offered, wanted);
}
