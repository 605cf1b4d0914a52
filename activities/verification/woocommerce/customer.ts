import { VerificationFailure } from '../verification-failure.ts';
import { VERIFICATION_EMAIL } from '../checkout-client.ts';
import type { VerificationSteps } from '../verification-steps.ts';
import { sampleAddress } from './sample-address.ts';
import { readAnswer, textOf, type StoreHttp } from '../store-http.ts';
import {
  CartAnswer,
  CartChangesAnswer,
  CheckoutAnswer,
  CheckoutDraftAnswer,
  ProductsAnswer,
  type WooBatchPart,
  type WooCart,
} from './answers.ts';

const STORE_ROUTES = '/wc/store/v1';
const STORE_API = `/wp-json${STORE_ROUTES}`;
// The checkout may also send mail, and waits up to 5 s for a frozen database.
const ORDER_TIMEOUT_MS = 30_000;
/** Payment methods that need no input from the customer at checkout. */
const PAYMENT_METHODS = ['cod', 'bacs', 'cheque'] as const;

/** A cart that is ready for the order. */
export interface FilledCart {
  readonly headers: Readonly<Record<string, string>>;
  readonly addresses: ReturnType<typeof addressesIn>;
  readonly paymentMethod: string;
}

/** The customer's side of a WooCommerce store. */
export interface WoocommerceCustomer {
  /** Does every step before the order. */
  fillCart(): Promise<FilledCart>;
  /** Reads the preview of the checkout. Creates no order and uses no order number. */
  readCheckout(cart: FilledCart): Promise<void>;
  /** @returns The id of the order. */
  placeOrder(cart: FilledCart, note: string): Promise<number>;
}

export function createWoocommerceCustomer(tools: {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
}): WoocommerceCustomer {
  const { http, steps } = tools;

  async function fillCart(): Promise<FilledCart> {
    const [productId, { headers, country }] = await Promise.all([
      steps.run('choose-product', firstPurchasableProduct),
      steps.run('open-cart', openCart),
    ]);
    const addresses = addressesIn(country);
    const addressed = await steps.run('fill-cart', async (step) => {
      const change = (route: string, body: object) => ({
        method: 'POST',
        path: `${STORE_ROUTES}/cart/${route}`,
        headers,
        body,
      });
      // Both changes in one batch, as the cart page of the shop sends them.
      const requests = [change('add-item', { id: productId, quantity: 1 }), change('update-customer', addresses)];
      const request = { step, method: 'POST', path: `${STORE_API}/batch`, headers, body: { requests } } as const;
      const [itemAdded, customerUpdated] = (await http.request({ ...request, answer: CartChangesAnswer })).body
        .responses;
      cartIn(step, 'add-item', itemAdded);
      return customerUpdated;
    });
    const cart = await steps.run('choose-shipping', async (step) => {
      const updated = cartIn(step, 'update-customer', addressed);
      const rates = updated.shipping_rates.flatMap((parcel) => parcel.shipping_rates);
      if (!updated.needs_shipping || rates.length > 0) return updated;
      throw new VerificationFailure(`the store does not ship to ${country}`, { step, reason: 'not-possible' });
    });
    const paymentMethod = await steps.run('choose-payment', async (step) => choosePayment(step, cart));
    return { headers, addresses, paymentMethod };
  }

  async function firstPurchasableProduct(step: string): Promise<number> {
    const fields = 'id,type,is_purchasable,is_in_stock,has_options';
    const { body } = await http.request({
      step,
      method: 'GET',
      path: `${STORE_API}/products?per_page=50&stock_status=instock&_fields=${fields}`,
      answer: ProductsAnswer,
    });
    const found = body.find(
      (product) => product.type === 'simple' && product.is_purchasable && product.is_in_stock && !product.has_options,
    );
    if (found !== undefined) return found.id;
    throw new VerificationFailure('no simple product of the store is in stock', { step, reason: 'not-possible' });
  }

  async function openCart(step: string) {
    const { body, header } = await http.request({ step, method: 'GET', path: `${STORE_API}/cart`, answer: CartAnswer });
    const token = header('cart-token');
    if (token === null) {
      throw new VerificationFailure('the answer has no Cart-Token header', { step, reason: 'unexpected-answer' });
    }
    // The country that the shop assumes for an unknown customer is its own.
    const country = body.shipping_address.country || body.billing_address.country;
    return { headers: { 'cart-token': token }, country };
  }

  async function readCheckout({ headers }: FilledCart): Promise<void> {
    await steps.run('read-checkout', async (step) => {
      await http.request({ step, method: 'GET', path: `${STORE_API}/checkout`, headers, answer: CheckoutDraftAnswer });
    });
  }

  async function placeOrder({ headers, addresses, paymentMethod }: FilledCart, note: string): Promise<number> {
    return steps.run('place-order', async (step) => {
      const { body } = await http.request({
        step,
        method: 'POST',
        path: `${STORE_API}/checkout`,
        headers,
        body: { ...addresses, payment_method: paymentMethod, customer_note: note },
        answer: CheckoutAnswer,
        timeoutMs: ORDER_TIMEOUT_MS,
      });
      return body.order_id;
    });
  }

  return { fillCart, readCheckout, placeOrder };
}

function addressesIn(country: string) {
  const address = sampleAddress(country);
  return { billing_address: { ...address, email: VERIFICATION_EMAIL }, shipping_address: address };
}

/** Returns the cart after one change of the batch. @throws VerificationFailure when the store refused the change. */
function cartIn(step: string, route: string, { status, body }: WooBatchPart): WooCart {
  return readAnswer({ step, what: `POST ${STORE_API}/cart/${route}`, status, text: textOf(body) }, CartAnswer);
}

function choosePayment(step: string, cart: WooCart): string {
  const found = PAYMENT_METHODS.find((method) => cart.payment_methods.includes(method));
  if (found !== undefined) return found;
  const offered = cart.payment_methods.join(', ') || 'none';
  throw new VerificationFailure(
    `the store offers no payment on delivery, by bank transfer or by cheque; it offers: ${offered}`,
    {
      step,
      reason: 'not-possible',
    },
  );
}
