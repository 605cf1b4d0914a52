import {
  CartAnswer,
  CompletionAnswer,
  KeyAnswer,
  PaymentCollectionAnswer,
  PaymentSessionAnswer,
  ProductsAnswer,
  RegionsAnswer,
  ShippingOptionsAnswer,
} from './answers.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { VERIFICATION_EMAIL } from '../checkout-client.ts';
import type { VerificationSteps } from '../verification-steps.ts';
import { MAX_ANSWER_CHARACTERS, textOf, type StoreHttp } from '../store-http.ts';

/** Metadata key, on cart and order, of the mark of a verification. */
export const VERIFICATION_METADATA_KEY = 'store_platform_verification';

// Medusa computes prices and stock on demand, and an order writes to a dozen tables under a lock.
const ORDER_TIMEOUT_MS = 30_000;
/** Few, so that products with a hundred variants of 2 kB each stay below the size limit of an answer. */
const PRODUCTS_PER_REQUEST = 5;
/** Products among which the verification looks for one that a customer can buy. */
const MAX_PRODUCTS = 50;
const PAYMENT_PROVIDER = 'pp_system_default';

/** The customer's side of a Medusa store. */
export interface MedusaCustomer {
  /** Does every step before the order. @returns The id of the cart. */
  fillCart(mark: string): Promise<string>;
  /** Places the order. @returns The id of the order. */
  completeCart(cartId: string): Promise<string>;
}

/** Opens the shop: reads the publishable key that its pages send with each request. */
export async function createMedusaCustomer({
  http,
  steps,
}: {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
}): Promise<MedusaCustomer> {
  const headers = await steps.run('read-key', async (step) => {
    const { body } = await http.request({ step, method: 'GET', path: '/storefront-key', answer: KeyAnswer });
    return { 'x-publishable-api-key': body.publishable_key };
  });

  async function fillCart(mark: string): Promise<string> {
    const region = await steps.run('choose-region', (step) => firstRegion(step));
    const variantId = await steps.run('choose-product', (step) => firstPurchasableVariant(step, region.id));
    const cartId = await steps.run('fill-cart', async (step) => {
      const { body } = await http.request({
        step,
        method: 'POST',
        path: '/store/carts',
        headers,
        body: newCart({ mark, variantId, regionId: region.id, country: region.country }),
        answer: CartAnswer,
      });
      return body.cart.id;
    });
    await steps.run('choose-shipping', (step) => chooseShipping(step, cartId));
    await steps.run('choose-payment', (step) => choosePayment(step, cartId));
    return cartId;
  }

  async function firstRegion(step: string): Promise<{ readonly id: string; readonly country: string }> {
    const { body } = await http.request({
      step,
      method: 'GET',
      path: '/store/regions',
      headers,
      answer: RegionsAnswer,
    });
    for (const region of body.regions) {
      const country = region.countries[0];
      if (country !== undefined) return { id: region.id, country: country.iso_2 };
    }
    throw new VerificationFailure('the store has no region with a country', { step, reason: 'not-possible' });
  }

  async function listProducts(
    step: string,
    { regionId, offset }: { readonly regionId: string; readonly offset: number },
  ) {
    const fields = 'id,title,*variants,*variants.calculated_price,+variants.inventory_quantity';
    const query = new URLSearchParams({
      region_id: regionId,
      fields,
      limit: String(PRODUCTS_PER_REQUEST),
      offset: String(offset),
    });
    const { body } = await http.request({
      step,
      method: 'GET',
      path: `/store/products?${query.toString()}`,
      headers,
      answer: ProductsAnswer,
    });
    return body.products;
  }

  async function firstPurchasableVariant(step: string, regionId: string): Promise<string> {
    for (let offset = 0; offset < MAX_PRODUCTS; offset += PRODUCTS_PER_REQUEST) {
      const products = await listProducts(step, { regionId, offset });
      const found = products
        .flatMap((product) => product.variants)
        .find(
          (variant) =>
            typeof variant.calculated_price?.calculated_amount === 'number' &&
            (!variant.manage_inventory || variant.allow_backorder || (variant.inventory_quantity ?? 0) > 0),
        );
      if (found !== undefined) return found.id;
      if (products.length < PRODUCTS_PER_REQUEST) break;
    }
    throw new VerificationFailure('no product of the store has a price and is in stock', {
      step,
      reason: 'not-possible',
    });
  }

  async function chooseShipping(step: string, cartId: string): Promise<void> {
    const options = await http.request({
      step,
      method: 'GET',
      path: `/store/shipping-options?cart_id=${cartId}`,
      headers,
      answer: ShippingOptionsAnswer,
    });
    const option = options.body.shipping_options[0];
    if (option === undefined) {
      throw new VerificationFailure('the store does not ship to its own country', { step, reason: 'not-possible' });
    }
    await http.request({
      step,
      method: 'POST',
      path: `/store/carts/${cartId}/shipping-methods`,
      headers,
      body: { option_id: option.id },
      answer: CartAnswer,
    });
  }

  async function choosePayment(step: string, cartId: string): Promise<void> {
    const collection = await http.request({
      step,
      method: 'POST',
      path: '/store/payment-collections',
      headers,
      body: { cart_id: cartId },
      answer: PaymentCollectionAnswer,
    });
    await http.request({
      step,
      method: 'POST',
      path: `/store/payment-collections/${collection.body.payment_collection.id}/payment-sessions`,
      headers,
      body: { provider_id: PAYMENT_PROVIDER },
      answer: PaymentSessionAnswer,
    });
  }

  async function completeCart(cartId: string): Promise<string> {
    return steps.run('place-order', async (step) => {
      const { body } = await http.request({
        step,
        method: 'POST',
        path: `/store/carts/${cartId}/complete`,
        headers,
        body: {},
        answer: CompletionAnswer,
        timeoutMs: ORDER_TIMEOUT_MS,
      });
      if (body.type === 'order') return body.order.id;
      const answer = { status: 200, body: textOf(body).slice(0, MAX_ANSWER_CHARACTERS) };
      throw new VerificationFailure(`the store did not turn the cart into an order: ${answer.body}`, {
        step,
        reason: 'refused',
        answer,
      });
    });
  }

  return { fillCart, completeCart };
}

function newCart(choice: {
  readonly mark: string;
  readonly variantId: string;
  readonly regionId: string;
  readonly country: string;
}): Readonly<Record<string, unknown>> {
  const address = {
    first_name: 'Verification',
    last_name: 'Order',
    address_1: 'Automatic verification order 1',
    city: 'Nowhere',
    postal_code: '1000 AA',
    country_code: choice.country,
  };
  return {
    region_id: choice.regionId,
    email: VERIFICATION_EMAIL,
    shipping_address: address,
    billing_address: address,
    items: [{ variant_id: choice.variantId, quantity: 1 }],
    metadata: { [VERIFICATION_METADATA_KEY]: choice.mark },
  };
}
