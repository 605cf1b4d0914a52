import type { Engine } from '../../domain/engines/index.ts';
import type { CheckoutClient } from './checkout-client.ts';
import { createMedusaCheckout } from './medusa/checkout.ts';
import { createWoocommerceCheckout } from './woocommerce/checkout.ts';
import type { StoreAddress } from './store-http.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

interface CheckoutAccess {
  /** How customers reach the store. */
  readonly customer: StoreAddress;
  /** How the merchant reaches the store. Requests with a secret use only this address. */
  readonly merchant: StoreAddress;
  /** Reads a value of the store's Secret; empty when the key is missing, so that the store refuses the call. */
  readonly secretValue: (key: string) => string;
}

/** The only place in `activities/` that knows the engines by name. */
const CHECKOUT_CLIENTS: Record<Engine, (access: CheckoutAccess) => CheckoutClient> = {
  woocommerce: ({ secretValue, ...addresses }) =>
    createWoocommerceCheckout({ ...addresses, authKey: secretValue('auth-key') }),
  medusa: ({ secretValue, ...addresses }) =>
    createMedusaCheckout({
      ...addresses,
      admin: { email: secretValue('admin-email'), password: secretValue('admin-password') },
    }),
};

/** Creates the checkout client for a store's engine. @param secret The store's Secret by key, decoded. */
export function createCheckoutClient(
  store: StoreTarget,
  access: Omit<CheckoutAccess, 'secretValue'> & { readonly secret: Readonly<Record<string, string>> },
): CheckoutClient {
  const { secret, ...addresses } = access;
  return CHECKOUT_CLIENTS[store.engine]({ ...addresses, secretValue: (key) => secret[key] ?? '' });
}
