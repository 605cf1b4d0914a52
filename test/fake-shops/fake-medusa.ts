import { type Context, Hono } from 'hono';
import { z } from 'zod';

export const MEDUSA_KEY = 'pk_fake';
export const MEDUSA_ADMIN = { email: 'admin@store.invalid', password: 'fake-password' };
const TOKEN = 'fake-token';

interface Cart {
  readonly id: string;
  email: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  quantity: number;
  shipping: boolean;
  paymentCollectionId: string | null;
  paid: boolean;
  orderId: string | null;
}

export interface MedusaOrder {
  readonly id: string;
  readonly display_id: number;
  readonly email: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly quantity: number;
  status: 'pending' | 'canceled' | 'archived';
  payment_status: 'authorized' | 'canceled';
}

/**
 * The part of Medusa 2.21's HTTP API that customers and the verification order use. It behaves as a real Medusa was observed to
 * behave: strict bodies, 400 for a missing key, `type: cart` with status 200 for a refused order, and stock that stays reserved
 * until an order is cancelled.
 */
export class FakeMedusa {
  readonly orders: MedusaOrder[] = [];
  readonly #carts = new Map<string, Cart>();
  stock = 10;
  reserved = 0;
  /** Number of products without stock that the shop lists before the one that can be bought. */
  productsWithoutStock = 0;
  shippingOptions = [{ id: 'so_1', name: 'Standard shipping', amount: 5 }];
  readonly app = new Hono();

  constructor() {
    this.app.get('/health', (c) => c.text('OK'));
    this.app.get('/storefront-key', (c) => c.json({ publishable_key: MEDUSA_KEY }));
    this.app.use('/store/*', async (c, next) =>
      c.req.header('x-publishable-api-key') === MEDUSA_KEY
        ? next()
        : refuse(c, 400, 'not_allowed', 'A valid publishable key is required to proceed with the request'),
    );
    this.app.use('/admin/*', async (c, next) =>
      c.req.header('authorization') === `Bearer ${TOKEN}` ? next() : c.json({ message: 'Unauthorized' }, 401),
    );
    this.#productRoutes();
    this.#cartRoutes();
    this.#paymentRoutes();
    this.#adminRoutes();
  }

  /** Orders that the merchant has neither cancelled nor archived. */
  get openOrders(): readonly MedusaOrder[] {
    return this.orders.filter((order) => order.status === 'pending');
  }

  #productRoutes(): void {
    this.app.get('/store/regions', (c) => c.json({ regions: [REGION], count: 1, offset: 0, limit: 50 }));
    this.app.get('/store/products', (c) => {
      const { handle, limit = '50', offset = '0' } = c.req.query();
      const all = [...this.#withoutStock(), this.#product()];
      const found = all.filter((product) => handle === undefined || handle === product.handle);
      const products = found.slice(Number(offset), Number(offset) + Number(limit));
      return c.json({ products, count: found.length, offset: Number(offset), limit: Number(limit) });
    });
    this.app.get('/store/shipping-options', (c) => c.json({ shipping_options: this.shippingOptions }));
  }

  #withoutStock() {
    const product = this.#product();
    return Array.from({ length: this.productsWithoutStock }, (_, index) => ({
      ...product,
      id: `prod_empty_${index}`,
      handle: `empty-${index}`,
      variants: product.variants.map((variant) => ({ ...variant, inventory_quantity: 0 })),
    }));
  }

  #product() {
    return {
      id: 'prod_1',
      title: 'Sample product',
      handle: 'sample-product',
      thumbnail: null,
      description: 'Shows what a <product> looks like.',
      variants: [
        {
          id: 'variant_1',
          title: 'One size',
          manage_inventory: true,
          allow_backorder: false,
          inventory_quantity: this.stock - this.reserved,
          calculated_price: { calculated_amount: 20, currency_code: 'eur' },
        },
      ],
    };
  }

  #cartRoutes(): void {
    this.app.post('/store/carts', async (c) => {
      const parsed = NewCart.safeParse(await c.req.json());
      if (!parsed.success) return refuse(c, 400, 'invalid_data', 'Invalid request');
      const quantity = parsed.data.items?.[0]?.quantity ?? 0;
      if (quantity > this.stock - this.reserved) return refuseStock(c);
      const cart: Cart = {
        id: `cart_${this.#carts.size + 1}`,
        email: parsed.data.email ?? '',
        metadata: parsed.data.metadata ?? null,
        quantity,
        shipping: false,
        paymentCollectionId: null,
        paid: false,
        orderId: null,
      };
      this.#carts.set(cart.id, cart);
      return c.json({ cart: shown(cart) });
    });
    this.app.get('/store/carts/:id', (c) => this.#withCart(c, (cart) => c.json({ cart: shown(cart) })));
    this.app.post('/store/carts/:id/shipping-methods', (c) =>
      this.#withCart(c, async (cart) => {
        const parsed = z.strictObject({ option_id: z.string() }).safeParse(await c.req.json());
        if (!this.shippingOptions.some((option) => option.id === parsed.data?.option_id)) {
          return refuse(c, 400, 'invalid_data', 'Shipping Options are invalid for cart.');
        }
        cart.shipping = true;
        return c.json({ cart: shown(cart) });
      }),
    );
    this.app.post('/store/carts/:id', (c) =>
      this.#withCart(c, async (cart) => {
        if (cart.orderId !== null) return refuse(c, 400, 'invalid_data', `Cart ${cart.id} is already completed.`);
        const parsed = NewCart.partial().safeParse(await c.req.json());
        if (!parsed.success) return refuse(c, 400, 'invalid_data', 'Invalid request');
        cart.email = parsed.data.email ?? cart.email;
        return c.json({ cart: shown(cart) });
      }),
    );
    this.app.post('/store/carts/:id/line-items', (c) =>
      this.#withCart(c, async (cart) => {
        const parsed = LineItem.safeParse(await c.req.json());
        if (!parsed.success) return refuse(c, 400, 'invalid_data', 'Invalid request');
        if (cart.quantity + parsed.data.quantity > this.stock - this.reserved) return refuseStock(c);
        cart.quantity += parsed.data.quantity;
        return c.json({ cart: shown(cart) });
      }),
    );
    this.app.delete('/store/carts/:id/line-items/:item', (c) =>
      this.#withCart(c, (cart) => {
        cart.quantity = 0;
        return c.json({ id: c.req.param('item'), object: 'line-item', deleted: true });
      }),
    );
    this.app.get('/store/orders/:id', (c) => this.#withOrder(c, () => null));
    this.app.post('/store/carts/:id/complete', (c) => this.#withCart(c, (cart) => this.#complete(c, cart)));
  }

  #complete(c: Context, cart: Cart): Response {
    // Completing the same cart again returns the same order.
    if (cart.orderId !== null) return c.json({ type: 'order', order: this.#shownOrder(cart.orderId) });
    if (!cart.shipping)
      return refuse(c, 400, 'invalid_data', 'No shipping method selected but the cart contains items');
    if (!cart.paid) return refuse(c, 400, 'invalid_data', 'Payment collection has not been initiated for cart');
    if (cart.quantity > this.stock - this.reserved) {
      const error = { message: 'Some variant does not have the required inventory', type: 'not_allowed' };
      return c.json({ type: 'cart', cart: shown(cart), error });
    }
    this.reserved += cart.quantity;
    const number = this.orders.length + 1;
    const { email, metadata, quantity } = cart;
    const rest = { status: 'pending', payment_status: 'authorized' } as const;
    this.orders.push({ id: `order_${number}`, display_id: number, email, metadata, quantity, ...rest });
    cart.orderId = `order_${number}`;
    return c.json({ type: 'order', order: this.#shownOrder(cart.orderId) });
  }

  #paymentRoutes(): void {
    this.app.post('/store/payment-collections', async (c) => {
      const parsed = z.strictObject({ cart_id: z.string() }).safeParse(await c.req.json());
      const cart = this.#carts.get(parsed.data?.cart_id ?? '');
      if (cart === undefined) return refuse(c, 404, 'not_found', 'Cart not found');
      cart.paymentCollectionId = `pay_col_${cart.id}`;
      return c.json({ payment_collection: { id: cart.paymentCollectionId, payment_sessions: [] } });
    });
    this.app.post('/store/payment-collections/:id/payment-sessions', async (c) => {
      const parsed = z.strictObject({ provider_id: z.literal('pp_system_default') }).safeParse(await c.req.json());
      const cart = [...this.#carts.values()].find((candidate) => candidate.paymentCollectionId === c.req.param('id'));
      if (!parsed.success || cart === undefined) return refuse(c, 400, 'invalid_data', 'Invalid payment session');
      cart.paid = true;
      const session = { provider_id: parsed.data.provider_id, status: 'pending' };
      return c.json({ payment_collection: { id: cart.paymentCollectionId, payment_sessions: [session] } });
    });
  }

  #adminRoutes(): void {
    this.app.post('/auth/user/emailpass', async (c) => {
      const { email, password } = await c.req.json<Partial<typeof MEDUSA_ADMIN>>();
      const known = email === MEDUSA_ADMIN.email && password === MEDUSA_ADMIN.password;
      return known ? c.json({ token: TOKEN }) : refuse(c, 401, 'unauthorized', 'Invalid email or password');
    });
    this.app.get('/admin/orders', (c) => {
      const words = c.req.query('q') ?? '';
      const orders = this.orders.filter((order) => order.email.includes(words)).toReversed();
      return c.json({ orders: orders.map((order) => this.#shownOrder(order.id)), count: orders.length });
    });
    this.app.get('/admin/orders/:id', (c) => this.#withOrder(c, () => null));
    this.app.post('/admin/orders/:id/cancel', (c) =>
      this.#withOrder(c, (order) => {
        if (order.status !== 'pending') return `Order with id ${order.id} has been canceled.`;
        order.status = 'canceled';
        order.payment_status = 'canceled';
        this.reserved -= order.quantity;
        return null;
      }),
    );
    this.app.post('/admin/orders/:id/archive', (c) =>
      this.#withOrder(c, (order) => {
        order.status = 'archived';
        return null;
      }),
    );
  }

  async #withCart(c: Context, answer: (cart: Cart) => Response | Promise<Response>): Promise<Response> {
    const cart = this.#carts.get(c.req.param('id') ?? '');
    return cart === undefined ? refuse(c, 404, 'not_found', 'Cart not found') : answer(cart);
  }

  /** `act` returns the reason why Medusa refuses the action, or null if it succeeds. */
  #withOrder(c: Context, act: (order: MedusaOrder) => string | null): Response {
    const order = this.orders.find((candidate) => candidate.id === c.req.param('id'));
    if (order === undefined) return refuse(c, 404, 'not_found', 'Order not found');
    const problem = act(order);
    return problem === null ? c.json({ order: this.#shownOrder(order.id) }) : refuse(c, 400, 'invalid_data', problem);
  }

  #shownOrder(id: string) {
    const order = this.orders.find((candidate) => candidate.id === id);
    return { ...order, total: 25, currency_code: 'eur', items: [ITEM] };
  }
}

const REGION = {
  id: 'reg_1',
  name: 'Netherlands',
  currency_code: 'eur',
  countries: [{ iso_2: 'nl', display_name: 'Netherlands' }],
};

const ITEM = {
  id: 'item_1',
  product_title: 'Sample product',
  title: 'One size',
  quantity: 1,
  unit_price: 20,
  total: 20,
};

const Address = z.strictObject({
  first_name: z.string(),
  last_name: z.string(),
  address_1: z.string(),
  city: z.string(),
  postal_code: z.string(),
  country_code: z.literal('nl'),
});

const LineItem = z.strictObject({ variant_id: z.literal('variant_1'), quantity: z.int().positive() });

const NewCart = z.strictObject({
  region_id: z.literal('reg_1'),
  email: z.string().optional(),
  shipping_address: Address.optional(),
  billing_address: Address.optional(),
  items: z.array(LineItem).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

function shown(cart: Cart) {
  const total = cart.quantity * 20 + (cart.shipping ? 5 : 0);
  const items = cart.quantity === 0 ? [] : [{ ...ITEM, quantity: cart.quantity }];
  const completed_at = cart.orderId === null ? null : '2026-11-23T03:23:54.438Z';
  return { id: cart.id, email: cart.email, currency_code: 'eur', metadata: cart.metadata, items, total, completed_at };
}

function refuseStock(c: Context): Response {
  return refuse(c, 400, 'insufficient_inventory', 'Some variant does not have the required inventory');
}

function refuse(c: Context, status: 400 | 401 | 404, type: string, message: string): Response {
  return c.json({ type, message }, status);
}
