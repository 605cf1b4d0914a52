import { createHmac } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';

export const WOO_AUTH_KEY = 'fake-auth-key';

interface Session {
  items: { id: number; quantity: number }[];
}

export interface WooOrder {
  readonly id: number;
  status: 'checkout-draft' | 'processing' | 'cancelled';
  readonly email: string;
  readonly note: string;
  readonly quantity: number;
}

const Address = z.object({
  first_name: z.string().min(1),
  last_name: z.string().min(1),
  address_1: z.string().min(1),
  city: z.string().min(1),
  postcode: z.string().regex(/^\d{4} [A-Z]{2}$/),
  country: z.string(),
});

const Checkout = z.object({
  billing_address: Address.extend({ email: z.email() }),
  shipping_address: Address,
  payment_method: z.string().optional(),
  customer_note: z.string().default(''),
});

const Batch = z.object({
  requests: z.array(
    z.object({
      method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
      path: z.string().startsWith('/wc/store'),
      headers: z.record(z.string(), z.string()),
      body: z.unknown(),
    }),
  ),
});

/**
 * The part of WooCommerce 11's Store API that customers and the verification order use, and the routes of our image for
 * verification orders. It behaves as a real WooCommerce was observed to behave: carts are found by Cart-Token, prices are
 * strings, a refused checkout leaves a draft order, and cancelling an order restores the stock but deleting it does not.
 */
export class FakeWoocommerce {
  readonly orders: WooOrder[] = [];
  readonly #sessions = new Map<string, Session>();
  stock = 10;
  country = 'NL';
  rates = [{ rate_id: 'flat_rate:1' }];
  paymentMethods = ['cod'];
  /** Path below the Store API that returns 503 within a batch, or null. */
  broken: string | null = null;
  /** Seconds since when the oldest scheduled task waits. */
  overdueSeconds = 0;
  readonly app = new Hono();
  #lastId = 100;
  readonly #key: string;

  /** @param authKey `auth-key` in the Secret of the store. */
  constructor(authKey = WOO_AUTH_KEY) {
    this.#key = hmac(authKey, 'store-platform/verification');
    const store = '/wp-json/wc/store/v1';
    this.app.get(`${store}/products`, (c) => c.json([this.#product()]));
    this.app.get(`${store}/cart`, (c) => {
      const token = c.req.header('cart-token') ?? `token-${this.#sessions.size + 1}`;
      const session = this.#sessions.get(token) ?? { items: [] };
      this.#sessions.set(token, session);
      c.header('Cart-Token', token);
      return c.json(this.#cart(session));
    });
    this.app.post(`${store}/cart/add-item`, (c) => this.#withSession(c, (session) => this.#addItem(c, session)));
    this.app.post(`${store}/cart/update-customer`, (c) =>
      this.#withSession(c, async (session) => {
        const body = z.object({ shipping_address: Address, billing_address: Address }).safeParse(await c.req.json());
        return body.success ? c.json(this.#cart(session)) : refuse(c, 400, 'rest_invalid_param');
      }),
    );
    this.app.post(`${store}/batch`, async (c) => {
      const { requests } = Batch.parse(await c.req.json());
      const responses: { status: number; body: unknown }[] = [];
      for (const { method, path, headers, body } of requests) {
        const init = { method, headers, body: JSON.stringify(body) };
        const isBroken = this.broken !== null && path.endsWith(this.broken);
        const unavailable = () => Response.json({ code: 'store_unavailable' }, { status: 503 });
        const answer = isBroken ? unavailable() : await this.app.request(`/wp-json${path}`, init);
        responses.push({ status: answer.status, body: await answer.json() });
      }
      return c.json({ responses }, 207);
    });
    this.app.get(`${store}/checkout`, (c) =>
      this.#withSession(c, () => c.json({ order_id: 0, status: 'checkout-draft' })),
    );
    this.app.post(`${store}/checkout`, (c) => this.#withSession(c, (session) => this.#checkout(c, session)));
    this.app.get('/wp-json/store-platform/v1/scheduled-tasks', (c) => c.json({ overdue_seconds: this.overdueSeconds }));
    const verificationOrders = '/wp-json/store-platform/v1/verification/orders';
    this.app.get(verificationOrders, (c) =>
      this.#withKey(c, () => c.json({ orders: this.#verificationOrders().map((order) => this.#shown(order)) })),
    );
    this.app.delete(verificationOrders, (c) =>
      this.#withKey(c, () => {
        const cancelled = this.#verificationOrders();
        for (const order of cancelled) this.#cancelOrder(order);
        return c.json({ orders: cancelled.map((order) => this.#shown(order)) });
      }),
    );
  }

  #product() {
    const fixed = { id: 10, type: 'simple', is_purchasable: true, has_options: false };
    return { ...fixed, is_in_stock: this.stock > 0, prices: { price: '1250', currency_code: 'EUR' } };
  }

  #cart(session: Session) {
    return {
      items: session.items,
      needs_shipping: session.items.length > 0,
      shipping_rates: [{ package_id: 0, shipping_rates: this.rates }],
      payment_methods: this.paymentMethods,
      billing_address: { country: this.country },
      shipping_address: { country: this.country },
    };
  }

  async #addItem(c: Context, session: Session): Promise<Response> {
    const item = z.object({ id: z.literal(10), quantity: z.number() }).safeParse(await c.req.json());
    if (!item.success) return refuse(c, 400, 'woocommerce_rest_cart_invalid_product');
    if (item.data.quantity > this.stock) return refuse(c, 400, 'woocommerce_rest_product_partially_out_of_stock');
    session.items.push(item.data);
    return c.json(this.#cart(session), 201);
  }

  async #checkout(c: Context, session: Session): Promise<Response> {
    const body = Checkout.safeParse(await c.req.json());
    if (!body.success) return refuse(c, 400, 'rest_invalid_param');
    const quantity = session.items.reduce((sum, item) => sum + item.quantity, 0);
    if (quantity === 0) return refuse(c, 409, 'woocommerce_rest_cart_empty');
    const { billing_address, customer_note, payment_method } = body.data;
    const given = { id: (this.#lastId += 1), email: billing_address.email, note: customer_note, quantity };
    if (billing_address.country !== this.country) {
      this.orders.push({ ...given, status: 'checkout-draft' });
      return refuse(c, 400, 'woocommerce_rest_invalid_address');
    }
    if (payment_method === undefined) return refuse(c, 400, 'woocommerce_rest_checkout_missing_payment_method');
    if (quantity > this.stock) return refuse(c, 409, 'woocommerce_rest_product_out_of_stock');
    this.stock -= quantity;
    session.items = [];
    this.orders.push({ ...given, status: 'processing' });
    const payment_result = { payment_status: 'success', redirect_url: '' };
    return c.json({ order_id: given.id, order_key: 'wc_order_key', status: 'processing', payment_result });
  }

  #cancelOrder(order: WooOrder): void {
    if (order.status === 'processing') this.stock += order.quantity;
    this.orders.splice(this.orders.indexOf(order), 1);
  }

  #verificationOrders(): readonly WooOrder[] {
    return this.orders.filter((order) => this.#verificationIdOf(order) !== null);
  }

  async #withSession(c: Context, answer: (session: Session) => Response | Promise<Response>): Promise<Response> {
    const session = this.#sessions.get(c.req.header('cart-token') ?? '');
    return session === undefined ? refuse(c, 401, 'woocommerce_rest_missing_nonce') : answer(session);
  }

  #withKey(c: Context, answer: () => Response): Response {
    return c.req.header('x-verification-key') === this.#key ? answer() : refuse(c, 401, 'rest_forbidden');
  }

  #verificationIdOf(order: WooOrder): string | null {
    const [, verificationId = '', seal] =
      /^verification order ([A-Za-z0-9-]{1,64})\.([0-9a-f]{64})$/.exec(order.note) ?? [];
    return order.email === 'verification@store-platform.invalid' && seal === hmac(this.#key, verificationId)
      ? verificationId
      : null;
  }

  #shown(order: WooOrder) {
    const { id, status } = order;
    const verification_id = this.#verificationIdOf(order);
    return { id, number: String(id), status, total: '17.50', currency: 'EUR', verification_id };
  }
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function refuse(c: Context, status: 400 | 401 | 409, code: string): Response {
  return c.json({ code, message: `refused: ${code}`, data: { status } }, status);
}
