import { VerificationFailure } from '../verification-failure.ts';
import { VERIFICATION_EMAIL } from '../checkout-client.ts';
import type { VerificationSteps } from '../verification-steps.ts';
import { sampleAddress } from './sample-address.ts';
import { readAnswer, type StoreHttp } from '../store-http.ts';
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
// The checkout also mails, unless the shop defers it, and a frozen database is given up after five seconds.
const ORDER_TIMEOUT_MS = 30_000;
/** Ways to pay that ask nothing of the customer at checkout. */
const PAYMENT_METHODS = ['cod', 'bacs', 'cheque'] as const;

/** What is ready to be ordered. */
export interface FilledCart {
  readonly headers: Readonly<Record<string, string>>;
  readonly addresses: ReturnType<typeof addressesIn>;
  readonly paymentMethod: string;
}

/** A WooCommerce store from the customer's side. */
export interface WoocommerceCustomer {
  /** Goes up to where only the order itself is missing. */
  fillCart(): Promise<FilledCart>;
  /** Asks what the checkout would be. Makes no order, and uses up no order number. */
  readCheckout(cart: FilledCart): Promise<void>;
  /** @returns the order's id. */
  placeOrder(cart: FilledCart, note: string): Promise<number>;
}

export function createWoocommerceCustomer(tools: {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
}): WoocommerceCustomer {
  const { http, steps } = tools;

  async function fillCart(): Promise<FilledCart> {
    const [productId, { headers, country }] = await Promise.all([
      steps.run('choose-product', firstProductForSale),
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
      // Both in one request, as the shop's own cart sends its changes.
      const requests = [change('add-item', { id: productId, quantity: 1 }), change('update-customer', addresses)];
      const request = { step, method: 'POST', path: `${STORE_API}/batch`, headers, body: { requests } } as const;
      const [added, known] = (await http.request({ ...request, answer: CartChangesAnswer })).body.responses;
      cartIn(step, 'add-item', added);
      return known;
    });
    const cart = await steps.run('choose-shipping', async (step) => {
      const known = cartIn(step, 'update-customer', addressed);
      const rates = known.shipping_rates.flatMap((parcel) => parcel.shipping_rates);
      if (!known.needs_shipping || rates.length > 0) return known;
      throw new VerificationFailure(`the store ships nothing to ${country}`, { step, reason: 'not-possible' });
    });
    const paymentMethod = await steps.run('choose-payment', async (step) => choosePayment(step, cart));
    return { headers, addresses, paymentMethod };
  }

  async function firstProductForSale(step: string): Promise<number> {
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
      throw new VerificationFailure('the store gave no Cart-Token', { step, reason: 'unexpected-answer' });
    }
    // What the shop assumes of a customer it does not know: its own country.
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

/** @throws VerificationFailure when the store refused the change. */
function cartIn(step: string, route: string, { status, body }: WooBatchPart): WooCart {
  return readAnswer({ step, what: `POST ${STORE_API}/cart/${route}`, status, text: JSON.stringify(body) }, CartAnswer);
}

function choosePayment(step: string, cart: WooCart): string {
  const found = PAYMENT_METHODS.find((method) => cart.payment_methods.includes(method));
  if (found !== undefined) return found;
  const offered = cart.payment_methods.join(', ') || 'nothing';
  throw new VerificationFailure(`the store offers ${offered}, and no payment on delivery or by transfer`, {
    step,
    reason: 'not-possible',
  });
}
