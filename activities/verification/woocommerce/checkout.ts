import { hmac, sealOrder } from '../order-seal.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { CheckoutInput, CheckoutClient, VerificationReport, PlaceOrderInput } from '../checkout-client.ts';
import type { StoreHttp } from '../store-http.ts';
import { withStoreSession } from '../store-session.ts';
import { VerificationOrdersAnswer, type WooVerificationOrder } from './answers.ts';
import { createWoocommerceCustomer } from './customer.ts';

const VERIFICATION_ORDERS = '/wp-json/store-platform/v1/verification/orders';

export interface WoocommerceStore {
  /** Where customers reach the store. */
  readonly baseUrl: string;
  /** `auth-key` of the store's Secret: the right to take probe orders back, and no other, is derived from it. */
  readonly authKey: string;
}

/**
 * Sale client for WooCommerce: five requests from the shelf to an order, then cancel and delete, done by the image's own
 * plugin on probe orders only, which tells what it takes back. One session row and a gap in the order numbers stay behind.
 */
export function createWoocommerceCheckout(store: WoocommerceStore): CheckoutClient {
  const key = hmac(store.authKey, 'store-platform/verification');
  const merchantHeaders = { 'x-verification-key': key };

  async function placeVerificationOrder(input: PlaceOrderInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      const customer = createWoocommerceCustomer({ http, steps });
      // Filled meanwhile, and in vain when an earlier attempt has ordered: then a cart that can't be filled is no failure.
      const cart = customer.fillCart();
      cart.catch(() => undefined);
      // Before the order, and with the key: one that can't be taken back must not be made.
      const earlier = await steps.run('find-earlier-orders', (step) => verificationOrders(http, 'GET', step));
      // A draft is what a refused checkout left: no proof.
      const proof = earlier.find(
        (order) => order.verification_id === input.verificationId && order.status !== 'checkout-draft',
      );
      const note = `verification order ${sealOrder(key, input.verificationId)}`;
      const orderId = proof?.id ?? (await customer.placeOrder(await cart, note));
      // What is taken back is told as the merchant has seen it.
      const order = await steps.run('cancel-order', async (step) => {
        const seen = (await verificationOrders(http, 'DELETE', step)).find(({ id }) => id === orderId);
        if (seen?.verification_id === input.verificationId) return seen;
        const message = `order ${orderId} was confirmed to the customer, and the merchant does not find it`;
        throw new VerificationFailure(message, { step, reason: 'unexpected-answer' });
      });
      return {
        order: { id: String(order.id), number: order.number, total: `${order.total} ${order.currency}` },
        foundEarlier: proof !== undefined,
        steps: steps.completed(),
      };
    });
  }

  /** All there are; DELETE also takes them back. */
  async function verificationOrders(
    http: StoreHttp,
    method: 'GET' | 'DELETE',
    step: string,
  ): Promise<readonly WooVerificationOrder[]> {
    const request = { step, method, path: VERIFICATION_ORDERS, headers: merchantHeaders } as const;
    return (await http.request({ ...request, answer: VerificationOrdersAnswer })).body.orders;
  }

  async function verifyCheckout(input: CheckoutInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      const customer = createWoocommerceCustomer({ http, steps });
      await customer.readCheckout(await customer.fillCart());
      return { order: null, foundEarlier: false, steps: steps.completed() };
    });
  }

  return { placeOrder: placeVerificationOrder, verifyCheckout };
}
