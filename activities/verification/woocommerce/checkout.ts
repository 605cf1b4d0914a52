import { hmac, sealOrder } from '../order-seal.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { CheckoutInput, CheckoutClient, VerificationReport, PlaceOrderInput } from '../checkout-client.ts';
import type { StoreAddress, StoreHttp } from '../store-http.ts';
import { type StoreSession, withStoreHttp, withStoreSession } from '../store-session.ts';
import { ScheduledTasksAnswer, VerificationOrdersAnswer, type WooVerificationOrder } from './answers.ts';
import { createWoocommerceCustomer } from './customer.ts';

const VERIFICATION_ORDERS = '/wp-json/store-platform/v1/verification/orders';
const SCHEDULED_TASKS = '/wp-json/store-platform/v1/scheduled-tasks';

/** A run takes at most four minutes, and the next one starts within a minute. */
const MAX_OVERDUE_SECONDS = 15 * 60;

export interface WoocommerceStore {
  /** How customers reach the store. */
  readonly customer: StoreAddress;
  /** How the merchant reaches the store. No secret leaves on another way. */
  readonly merchant: StoreAddress;
  /** `auth-key` of the store's Secret. The key that may only cancel verification orders is derived from it. */
  readonly authKey: string;
}

/**
 * Creates the checkout client for WooCommerce. An order takes five requests. The plugin of the image then cancels and
 * deletes it; it handles verification orders only and returns them. One session row and a gap in the order numbers
 * remain.
 */
export function createWoocommerceCheckout(store: WoocommerceStore): CheckoutClient {
  const key = hmac(store.authKey, 'store-platform/verification');
  const merchantHeaders = { 'x-verification-key': key };

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
    const customer = createWoocommerceCustomer({ http, steps });
    // In parallel. If an earlier attempt has placed the order, the cart is not needed and its failure is ignored.
    const cart = customer.fillCart();
    cart.catch(() => undefined);
    // Call the merchant API before the order: a wrong key would make it impossible to cancel the order.
    const earlier = await steps.run('find-earlier-orders', (step) => verificationOrders(merchantHttp, 'GET', step));
    // A refused checkout leaves a draft, which is no order.
    const placed = earlier.find(
      (order) => order.verification_id === verificationId && order.status !== 'checkout-draft',
    );
    const note = `verification order ${sealOrder(key, verificationId)}`;
    const orderId = placed?.id ?? (await customer.placeOrder(await cart, note));
    // The answer shows each cancelled order as the merchant saw it.
    const order = await steps.run('cancel-order', async (step) => {
      const cancelled = (await verificationOrders(merchantHttp, 'DELETE', step)).find(({ id }) => id === orderId);
      if (cancelled?.verification_id === verificationId) return cancelled;
      const message = `order ${orderId} was confirmed to the customer, but the merchant does not find it`;
      throw new VerificationFailure(message, { step, reason: 'unexpected-answer' });
    });
    return {
      order: { id: String(order.id), number: order.number, total: `${order.total} ${order.currency}` },
      foundEarlier: placed !== undefined,
      steps: steps.completed(),
    };
  }

  /** Lists all verification orders. DELETE also cancels and deletes them. */
  async function verificationOrders(
    http: StoreHttp,
    method: 'GET' | 'DELETE',
    step: string,
  ): Promise<readonly WooVerificationOrder[]> {
    const request = { step, method, path: VERIFICATION_ORDERS, headers: merchantHeaders } as const;
    return (await http.request({ ...request, answer: VerificationOrdersAnswer })).body.orders;
  }

  async function verifyCheckout(input: CheckoutInput): Promise<VerificationReport> {
    return withStoreSession({ ...input, ...store.customer }, async ({ http, steps }) => {
      const customer = createWoocommerceCustomer({ http, steps });
      await customer.readCheckout(await customer.fillCart());
      await steps.run('read-scheduled-tasks', (step) => requireScheduledTasks(http, step));
      return { order: null, foundEarlier: false, steps: steps.completed() };
    });
  }

  return { placeOrder: placeVerificationOrder, verifyCheckout };
}

/** Without its scheduled tasks a shop sends no e-mail and releases no stock of unpaid orders, although customers can order. */
async function requireScheduledTasks(http: StoreHttp, step: string): Promise<void> {
  const { body } = await http.request({ step, method: 'GET', path: SCHEDULED_TASKS, answer: ScheduledTasksAnswer });
  if (body.overdue_seconds <= MAX_OVERDUE_SECONDS) return;
  const message = `the scheduled tasks of the shop have been due for ${Math.round(body.overdue_seconds / 60)} min: read the log of the container cron`;
  throw new VerificationFailure(message, { step, reason: 'unexpected-answer' });
}
