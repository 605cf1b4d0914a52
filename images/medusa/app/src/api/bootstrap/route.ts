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
 * Fills the shop once. Only the setup Job of the store has the key. The storefront does not proxy this path.
 *
 * Responds with 200 and a sentence, 400 for an invalid body, 401 for a wrong key, or 500 with the error message.
 */
export async function POST(request: MedusaRequest, response: MedusaResponse): Promise<void> {
  if (!hasKey(request.headers[BOOTSTRAP_KEY_HEADER])) {
    response.status(401).send(`the header ${BOOTSTRAP_KEY_HEADER} is missing or wrong`);
    return;
  }
  const { email, password } = (request.body ?? {}) as Body;
  if (typeof email !== 'string' || typeof password !== 'string' || email === '' || password === '') {
    response.status(400).send('the body must contain email and password of the admin as strings');
    return;
  }
  try {
    response.send(await fillShop(request.scope, { email, password }));
  } catch (error) {
    request.scope.resolve(ContainerRegistrationKeys.LOGGER).error(`bootstrap: ${messageOf(error)}`, error as Error);
    response.status(500).send(messageOf(error));
  }
}

function hasKey(header: unknown): boolean {
  const expected = Buffer.from(bootstrapKey());
  const actual = Buffer.from(typeof header === 'string' ? header : '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
