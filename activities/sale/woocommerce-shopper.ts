import { SaleFailure } from './sale-failure.ts';
import { PROBE_EMAIL } from './sale.ts';
import type { SaleSteps } from './sale-steps.ts';
import { sampleAddress } from './sample-address.ts';
import { readAnswer, type StoreHttp } from './store-http.ts';
import {
  CartAnswer,
  CartChangesAnswer,
  CheckoutAnswer,
  CheckoutDraftAnswer,
  ProductsAnswer,
  type WooBatchPart,
  type WooCart,
} from './woocommerce-answers.ts';

const STORE_ROUTES = '/wc/store/v1';
const STORE_API = `/wp-json${STORE_ROUTES}`;
// The checkout also mails, unless the shop defers it, and a frozen database is given up after five seconds.
const ORDER_TIMEOUT_MS = 30_000;
/** In their order. */
const CART_CHANGES = ['add-item', 'update-customer'] as const;
type CartChange = (typeof CART_CHANGES)[number];
/** Ways to pay that ask nothing of the customer at checkout. */
const PAYMENT_METHODS = ['cod', 'bacs', 'cheque'] as const;

/** What is ready to be ordered. */
export interface FilledCart {
  readonly headers: Readonly<Record<string, string>>;
  readonly country: string;
  readonly paymentMethod: string;
}

/** A WooCommerce store from the customer's side. */
export interface WoocommerceShopper {
  /** Goes up to where only the order itself is missing. */
  fillCart(): Promise<FilledCart>;
  /** Asks what the checkout would be. Makes no order, and uses up no order number. */
  readCheckout(cart: FilledCart): Promise<void>;
  /** @returns the order's id. */
  placeOrder(cart: FilledCart, note: string): Promise<number>;
}

export function createWoocommerceShopper(tools: {
  readonly http: StoreHttp;
  readonly steps: SaleSteps;
}): WoocommerceShopper {
  const { http, steps } = tools;

  async function fillCart(): Promise<FilledCart> {
    const [productId, { headers, country }] = await Promise.all([
      steps.run('choose-product', firstProductForSale),
      steps.run('open-cart', openCart),
    ]);
    const changes = await steps.run('fill-cart', async (step) => {
      const address = sampleAddress(country);
      const answers = await changeCart(step, headers, {
        'add-item': { id: productId, quantity: 1 },
        'update-customer': { billing_address: { ...address, email: PROBE_EMAIL }, shipping_address: address },
      });
      cartIn(step, 'add-item', answers);
      return answers;
    });
    const cart = await steps.run('choose-shipping', async (step) => {
      const known = cartIn(step, 'update-customer', changes);
      const rates = known.shipping_rates.flatMap((parcel) => parcel.shipping_rates);
      if (!known.needs_shipping || rates.length > 0) return known;
      throw new SaleFailure(`the store ships nothing to ${country}`, { step, reason: 'not-possible' });
    });
    const paymentMethod = await steps.run('choose-payment', async (step) => choosePayment(step, cart));
    return { headers, country, paymentMethod };
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
    throw new SaleFailure('no simple product of the store is in stock', { step, reason: 'not-possible' });
  }

  async function openCart(step: string): Promise<Omit<FilledCart, 'paymentMethod'>> {
    const { body, header } = await http.request({ step, method: 'GET', path: `${STORE_API}/cart`, answer: CartAnswer });
    const token = header('cart-token');
    if (token === null) {
      throw new SaleFailure('the store gave no Cart-Token', { step, reason: 'unexpected-answer' });
    }
    // What the shop assumes of a customer it does not know: its own country.
    const country = body.shipping_address.country || body.billing_address.country;
    return { headers: { 'cart-token': token }, country };
  }

  /** Both in one request, as the shop's own cart sends its changes. */
  async function changeCart(
    step: string,
    headers: FilledCart['headers'],
    changes: Readonly<Record<CartChange, unknown>>,
  ): Promise<Readonly<Record<CartChange, WooBatchPart>>> {
    const requests = CART_CHANGES.map((change) => ({
      method: 'POST',
      path: `${STORE_ROUTES}/cart/${change}`,
      headers,
      body: changes[change],
    }));
    const request = { step, method: 'POST', path: `${STORE_API}/batch`, headers, body: { requests } } as const;
    const { responses } = (await http.request({ ...request, answer: CartChangesAnswer })).body;
    return { 'add-item': responses[0], 'update-customer': responses[1] };
  }

  async function readCheckout({ headers }: FilledCart): Promise<void> {
    await steps.run('read-checkout', async (step) => {
      await http.request({ step, method: 'GET', path: `${STORE_API}/checkout`, headers, answer: CheckoutDraftAnswer });
    });
  }

  async function placeOrder({ headers, country, paymentMethod }: FilledCart, note: string): Promise<number> {
    return steps.run('place-order', async (step) => {
      const address = sampleAddress(country);
      const { body } = await http.request({
        step,
        method: 'POST',
        path: `${STORE_API}/checkout`,
        headers,
        body: {
          billing_address: { ...address, email: PROBE_EMAIL },
          shipping_address: address,
          payment_method: paymentMethod,
          customer_note: note,
        },
        answer: CheckoutAnswer,
        timeoutMs: ORDER_TIMEOUT_MS,
      });
      return body.order_id;
    });
  }

  return { fillCart, readCheckout, placeOrder };
}

/** @throws SaleFailure when the store refused the change. */
function cartIn(step: string, change: CartChange, answers: Readonly<Record<CartChange, WooBatchPart>>): WooCart {
  const { status, body } = answers[change];
  return readAnswer({ step, what: `POST ${STORE_API}/cart/${change}`, status, text: JSON.stringify(body) }, CartAnswer);
}

function choosePayment(step: string, cart: WooCart): string {
  const found = PAYMENT_METHODS.find((method) => cart.payment_methods.includes(method));
  if (found !== undefined) return found;
  const offered = cart.payment_methods.join(', ') || 'nothing';
  throw new SaleFailure(`the store offers ${offered}, and no payment on delivery or by transfer`, {
    step,
    reason: 'not-possible',
  });
}
