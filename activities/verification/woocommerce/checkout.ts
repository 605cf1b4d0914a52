import { hmac, sealProbe } from '../order-seal.ts';
import { SaleFailure } from '../verification-failure.ts';
import type { CheckInput, SaleClient, SaleReport, SellInput } from '../checkout-client.ts';
import type { StoreHttp } from '../store-http.ts';
import { visitStore } from '../store-session.ts';
import { ProbeOrdersAnswer, type WooProbeOrder } from './answers.ts';
import { createWoocommerceShopper } from './customer.ts';

const PROBE_ORDERS = '/wp-json/store-platform/v1/sale-check/orders';

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
export function createWoocommerceSale(store: WoocommerceStore): SaleClient {
  const key = hmac(store.authKey, 'store-platform/sale-check');
  const merchantHeaders = { 'x-sale-check-key': key };

  async function sell(input: SellInput): Promise<SaleReport> {
    return visitStore({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      const shopper = createWoocommerceShopper({ http, steps });
      // Filled meanwhile, and in vain when an earlier attempt has ordered: then a cart that can't be filled is no failure.
      const cart = shopper.fillCart();
      cart.catch(() => undefined);
      // Before the order, and with the key: one that can't be taken back must not be made.
      const earlier = await steps.run('find-earlier-orders', (step) => probeOrders(http, 'GET', step));
      // A draft is what a refused checkout left: no proof.
      const proof = earlier.find((order) => order.probe_id === input.probeId && order.status !== 'checkout-draft');
      const note = `sale check ${sealProbe(key, input.probeId)}`;
      const orderId = proof?.id ?? (await shopper.placeOrder(await cart, note));
      // What is taken back is told as the merchant has seen it.
      const order = await steps.run('take-order-back', async (step) => {
        const seen = (await probeOrders(http, 'DELETE', step)).find(({ id }) => id === orderId);
        if (seen?.probe_id === input.probeId) return seen;
        const message = `order ${orderId} was confirmed to the customer, and the merchant does not find it`;
        throw new SaleFailure(message, { step, reason: 'unexpected-answer' });
      });
      return {
        order: { id: String(order.id), number: order.number, total: `${order.total} ${order.currency}` },
        foundEarlier: proof !== undefined,
        steps: steps.completed(),
      };
    });
  }

  /** All there are; DELETE also takes them back. */
  async function probeOrders(
    http: StoreHttp,
    method: 'GET' | 'DELETE',
    step: string,
  ): Promise<readonly WooProbeOrder[]> {
    const request = { step, method, path: PROBE_ORDERS, headers: merchantHeaders } as const;
    return (await http.request({ ...request, answer: ProbeOrdersAnswer })).body.orders;
  }

  async function check(input: CheckInput): Promise<SaleReport> {
    return visitStore({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      const shopper = createWoocommerceShopper({ http, steps });
      await shopper.readCheckout(await shopper.fillCart());
      return { order: null, foundEarlier: false, steps: steps.completed() };
    });
  }

  return { sell, check };
}
