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
import type { StoreAddress, StoreHttp } from '../store-http.ts';
import { type StoreSession, withStoreHttp, withStoreSession } from '../store-session.ts';

const ORDER_FIELDS = 'id,display_id,status,payment_status,email,metadata,total,currency_code';
// Far above the number of verification orders that were ever open at once. The newest come first.
const MAX_VERIFICATION_ORDERS = 50;

export interface MedusaStore {
  /** How customers reach the store. */
  readonly customer: StoreAddress;
  /** How the merchant reaches the store. No password leaves on another way. */
  readonly merchant: StoreAddress;
  /** Credentials of the merchant: the admin API reads and cancels the order. */
  readonly admin: { readonly email: string; readonly password: string };
}

/**
 * Creates the checkout client for Medusa. An order takes twelve requests. It is then cancelled, which frees the
 * reserved stock, and archived. A cart and one guest customer remain: Medusa has no API to delete carts.
 */
export function createMedusaCheckout(store: MedusaStore): CheckoutClient {
  async function placeVerificationOrder(input: PlaceOrderInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, ...store.customer }, (session) =>
      withStoreHttp({ ...store.merchant, signal: input.signal }, (merchantHttp) =>
        placeAndCancel(session, { merchantHttp, verificationId: input.verificationId }),
      ),
    );
  }

  async function placeAndCancel(
    { http, steps }: StoreSession,
    { merchantHttp, verificationId }: { readonly merchantHttp: StoreHttp; readonly verificationId: string },
  ): Promise<VerificationReport> {
    // In parallel. If an earlier attempt has placed the order, the cart is not needed and its failure is ignored.
    const cart = fillCart();
    cart.catch(() => undefined);
    // Sign in before the order, because only the merchant can cancel the order.
    const merchant = await signInAsMerchant({ http: merchantHttp, steps, admin: store.admin });
    const earlier = await merchant.findVerificationOrders();
    const placed = earlier.find((order) => merchant.verificationIdOf(order) === verificationId);
    const order = placed ?? (await placeOrder());
    // Also the other open ones: an interrupted attempt may have left its own.
    const open = [order, ...earlier.filter(({ id }) => id !== order.id)].filter(({ status }) => status !== 'archived');
    await merchant.cancelOrders(open);
    const total = `${order.total.toFixed(2)} ${order.currency_code.toUpperCase()}`;
    return {
      order: { id: order.id, number: String(order.display_id), total },
      foundEarlier: placed !== undefined,
      steps: steps.completed(),
    };

    async function fillCart() {
      const customer = await createMedusaCustomer({ http, steps });
      return { customer, cartId: await customer.fillCart(sealOrder(store.admin.password, verificationId)) };
    }

    async function placeOrder(): Promise<AdminOrder> {
      const { customer, cartId } = await cart;
      return merchant.readOrder(await customer.completeCart(cartId), verificationId);
    }
  }

  async function verifyCheckout(input: CheckoutInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, ...store.customer }, async ({ http, steps }) => {
      const customer = await createMedusaCustomer({ http, steps });
      await customer.fillCart('verification without an order');
      return { order: null, foundEarlier: false, steps: steps.completed() };
    });
  }

  return { placeOrder: placeVerificationOrder, verifyCheckout };
}

/** Signs in as the merchant. All calls handle only orders with a valid mark of a verification. */
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
      // The full-text search may find other orders too.
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
      const actual = `payment ${String(order.payment_status)}, verification id ${String(verificationIdOf(order))}`;
      throw new VerificationFailure(`the merchant reads order ${order.display_id} with ${actual}`, {
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
