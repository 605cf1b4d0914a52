import {
  type AdminOrder,
  AdminOrderAnswer,
  AdminOrdersAnswer,
  ArchivedOrderAnswer,
  CancelledOrderAnswer,
  TokenAnswer,
} from './answers.ts';
import { createMedusaCustomer, VERIFICATION_METADATA_KEY } from './customer.ts';
import { openSeal, sealOrder } from '../order-seal.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { VerificationSteps } from '../verification-steps.ts';
import {
  type CheckoutInput,
  VERIFICATION_EMAIL,
  type CheckoutClient,
  type VerificationReport,
  type PlaceOrderInput,
} from '../checkout-client.ts';
import type { StoreHttp } from '../store-http.ts';
import { withStoreSession } from '../store-session.ts';

const ORDER_FIELDS = 'id,display_id,status,payment_status,email,metadata,total,currency_code';
// More probe orders than that were never left open at once; the newest come first.
const MAX_VERIFICATION_ORDERS = 50;

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
export function createMedusaCheckout(store: MedusaStore): CheckoutClient {
  async function placeVerificationOrder(input: PlaceOrderInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      // Filled meanwhile, and in vain when an earlier attempt has ordered: then a cart that can't be filled is no failure.
      const cart = fillCart();
      cart.catch(() => undefined);
      // Before the order: one that can't be taken back must not be made.
      const merchant = await signInAsMerchant({ http, steps, admin: store.admin });
      const earlier = await merchant.findVerificationOrders();
      const proof = earlier.find((order) => merchant.verificationIdOf(order) === input.verificationId);
      const order = proof ?? (await placeOrder());
      // Every other open one too: an attempt that was cut off may have left its own.
      const open = [order, ...earlier.filter(({ id }) => id !== order.id)].filter(
        ({ status }) => status !== 'archived',
      );
      await merchant.cancelOrders(open);
      const total = `${order.total.toFixed(2)} ${order.currency_code.toUpperCase()}`;
      return {
        order: { id: order.id, number: String(order.display_id), total },
        foundEarlier: proof !== undefined,
        steps: steps.completed(),
      };

      async function fillCart() {
        const customer = await createMedusaCustomer({ http, steps });
        return { customer, cartId: await customer.fillCart(sealOrder(store.admin.password, input.verificationId)) };
      }

      async function placeOrder(): Promise<AdminOrder> {
        const { customer, cartId } = await cart;
        return merchant.readOrder(await customer.completeCart(cartId), input.verificationId);
      }
    });
  }

  async function verifyCheckout(input: CheckoutInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, baseUrl: store.baseUrl }, async ({ http, steps }) => {
      const customer = await createMedusaCustomer({ http, steps });
      await customer.fillCart('check');
      return { order: null, foundEarlier: false, steps: steps.completed() };
    });
  }

  return { placeOrder: placeVerificationOrder, verifyCheckout };
}

/** The merchant's side: only ever touches orders that carry the probe's mark. */
async function signInAsMerchant(deps: {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
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

  function verificationIdOf(order: AdminOrder): string | undefined {
    return openSeal(admin.password, order.metadata?.[VERIFICATION_METADATA_KEY]);
  }

  async function findVerificationOrders(): Promise<readonly AdminOrder[]> {
    return steps.run('find-earlier-orders', async (step) => {
      const query = new URLSearchParams({
        q: VERIFICATION_EMAIL,
        fields: ORDER_FIELDS,
        order: '-created_at',
        limit: String(MAX_VERIFICATION_ORDERS),
      });
      const { body } = await http.request({
        step,
        method: 'GET',
        path: `/admin/orders?${query.toString()}`,
        headers,
        answer: AdminOrdersAnswer,
      });
      // The search is a full-text one: it may find more than what carries the mark.
      return body.orders.filter((order) => order.email === VERIFICATION_EMAIL && verificationIdOf(order) !== undefined);
    });
  }

  async function readOrder(orderId: string, verificationId: string): Promise<AdminOrder> {
    return steps.run('read-order', async (step) => {
      const { body } = await http.request({
        step,
        method: 'GET',
        path: `/admin/orders/${orderId}?fields=${ORDER_FIELDS}`,
        headers,
        answer: AdminOrderAnswer,
      });
      const { order } = body;
      if (verificationIdOf(order) === verificationId && order.payment_status === 'authorized') return order;
      const seen = `payment ${String(order.payment_status)}, probe ${String(verificationIdOf(order))}`;
      throw new VerificationFailure(`order ${order.display_id} reads back as ${seen}`, {
        step,
        reason: 'unexpected-answer',
      });
    });
  }

  async function cancelOrders(orders: readonly AdminOrder[]): Promise<void> {
    await steps.run('cancel-order', async (step) => {
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

  return {
    verificationIdOf,
    findVerificationOrders,
    readOrder,
    cancelOrders,
  };
}
