import type { Engine } from '../../domain/engines/index.ts';
import type { CheckoutClient } from './checkout-client.ts';
import { createMedusaCheckout } from './medusa/checkout.ts';
import { createWoocommerceCheckout } from './woocommerce/checkout.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

interface CheckoutAccess {
  /** Public address of the store: scheme, host and port. */
  readonly baseUrl: string;
  /** Reads a value of the store's Secret; empty when the key is missing, so that the store refuses the call. */
  readonly secretValue: (key: string) => string;
}

/** The only place in `activities/` that knows the engines by name. */
const CHECKOUT_CLIENTS: Record<Engine, (access: CheckoutAccess) => CheckoutClient> = {
  woocommerce: ({ baseUrl, secretValue }) => createWoocommerceCheckout({ baseUrl, authKey: secretValue('auth-key') }),
  medusa: ({ baseUrl, secretValue }) =>
    createMedusaCheckout({
      baseUrl,
      admin: { email: secretValue('admin-email'), password: secretValue('admin-password') },
    }),
};

/** Creates the checkout client for a store's engine. @param secret The store's Secret by key, decoded. */
export function createCheckoutClient(
  store: StoreTarget,
  access: { readonly baseUrl: string; readonly secret: Readonly<Record<string, string>> },
): CheckoutClient {
  const { baseUrl, secret } = access;
  return CHECKOUT_CLIENTS[store.engine]({ baseUrl, secretValue: (key) => secret[key] ?? '' });
}
