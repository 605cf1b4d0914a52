import {
  type AdminOrder,
  AdminOrderAnswer,
  AdminOrdersAnswer,
  ArchivedOrderAnswer,
  CancelledOrderAnswer,
  TokenAnswer,
} from './answers.ts';
import { enterMedusaShop, PROBE_MARK } from './customer.ts';
import { openSeal, sealProbe } from '../order-seal.ts';
import { SaleFailure } from '../verification-failure.ts';
import type { SaleSteps } from '../verification-steps.ts';
import { type CheckInput, PROBE_EMAIL, type SaleClient, type SaleReport, type SellInput } from '../checkout-client.ts';
import type { StoreHttp } from '../store-http.ts';
import { visitStore } from '../store-session.ts';

const ORDER_FIELDS = 'id,display_id,status,payment_status,email,metadata,total,currency_code';
// More probe orders than that were never left open at once; the newest come first.
const MAX_PROBE_ORDERS = 50;

export interface MedusaStore {
  /** Where customers reach the store. */
  readonly baseUrl: string;
  /** The merchant's log-in: the order is read back and taken back through the admin API. */
  readonly admin: { readonly email: string; readonly password: string };
}

/**
 * Sale client for Medusa: twelve requests from an empty cart to an order, then cancel (which frees the reserved stock)
 * and archive. A cart and one guest customer stay behind: Medusa has no way to remove carts.
 */
export function createMedusaSale(store: MedusaStore): SaleClient {
  async function sell(input: SellInput): Promise<SaleReport> {
    return visitStore({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      // Filled meanwhile, and in vain when an earlier attempt has ordered: then a cart that can't be filled is no failure.
      const cart = fillCart();
      cart.catch(() => undefined);
      // Before the order: one that can't be taken back must not be made.
      const merchant = await signInAsMerchant({ http, steps, admin: store.admin });
      const earlier = await merchant.findProbeOrders();
      const proof = earlier.find((order) => merchant.probeOf(order) === input.probeId);
      const order = proof ?? (await placeOrder());
      // Every other open one too: an attempt that was cut off may have left its own.
      const open = [order, ...earlier.filter(({ id }) => id !== order.id)].filter(
        ({ status }) => status !== 'archived',
      );
      await merchant.takeBack(open);
      const total = `${order.total.toFixed(2)} ${order.currency_code.toUpperCase()}`;
      return {
        order: { id: order.id, number: String(order.display_id), total },
        foundEarlier: proof !== undefined,
        steps: steps.completed(),
      };

      async function fillCart() {
        const customer = await enterMedusaShop({ http, steps });
        return { customer, cartId: await customer.fillCart(sealProbe(store.admin.password, input.probeId)) };
      }

      async function placeOrder(): Promise<AdminOrder> {
        const { customer, cartId } = await cart;
        return merchant.readOrder(await customer.completeCart(cartId), input.probeId);
      }
    });
  }

  async function check(input: CheckInput): Promise<SaleReport> {
    return visitStore({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      const shopper = await enterMedusaShop({ http, steps });
      await shopper.fillCart('check');
      return { order: null, foundEarlier: false, steps: steps.completed() };
    });
  }

  return { sell, check };
}

/** The merchant's side: only ever touches orders that carry the probe's mark. */
async function signInAsMerchant(deps: {
  readonly http: StoreHttp;
  readonly steps: SaleSteps;
  readonly admin: MedusaStore['admin'];
}) {
  const { http, steps, admin } = deps;
  const headers = await steps.run('sign-in', async (step) => {
    const body = { email: admin.email, password: admin.password };
    const answer = await http.request({
      step,
      method: 'POST',
      path: '/auth/user/emailpass',
      body,
      answer: TokenAnswer,
    });
    return { authorization: `Bearer ${answer.body.token}` };
  });

  function probeOf(order: AdminOrder): string | undefined {
    return openSeal(admin.password, order.metadata?.[PROBE_MARK]);
  }

  async function findProbeOrders(): Promise<readonly AdminOrder[]> {
    return steps.run('find-earlier-orders', async (step) => {
      const query = new URLSearchParams({
        q: PROBE_EMAIL,
        fields: ORDER_FIELDS,
        order: '-created_at',
        limit: String(MAX_PROBE_ORDERS),
      });
      const { body } = await http.request({
        step,
        method: 'GET',
        path: `/admin/orders?${query.toString()}`,
        headers,
        answer: AdminOrdersAnswer,
      });
      // The search is a full-text one: it may find more than what carries the mark.
      return body.orders.filter((order) => order.email === PROBE_EMAIL && probeOf(order) !== undefined);
    });
  }

  async function readOrder(orderId: string, probeId: string): Promise<AdminOrder> {
    return steps.run('read-order', async (step) => {
      const { body } = await http.request({
        step,
        method: 'GET',
        path: `/admin/orders/${orderId}?fields=${ORDER_FIELDS}`,
        headers,
        answer: AdminOrderAnswer,
      });
      const { order } = body;
      if (probeOf(order) === probeId && order.payment_status === 'authorized') return order;
      const seen = `payment ${String(order.payment_status)}, probe ${String(probeOf(order))}`;
      throw new SaleFailure(`order ${order.display_id} reads back as ${seen}`, { step, reason: 'unexpected-answer' });
    });
  }

  async function takeBack(orders: readonly AdminOrder[]): Promise<void> {
    await steps.run('take-order-back', async (step) => {
      for (const { id, status } of orders) {
        const path = `/admin/orders/${id}`;
        if (status !== 'canceled') {
          await http.request({
            step,
            method: 'POST',
            path: `${path}/cancel`,
            headers,
            body: {},
            answer: CancelledOrderAnswer,
          });
        }
        await http.request({
          step,
          method: 'POST',
          path: `${path}/archive`,
          headers,
          body: {},
          answer: ArchivedOrderAnswer,
        });
      }
    });
  }

  return { probeOf, findProbeOrders, readOrder, takeBack };
}
