import { z } from 'zod';
import { readText } from '../../domain/bounded-response.ts';

const TIMEOUT_MS = 10_000;
const ORDER_TIMEOUT_MS = 30_000; // an order takes a few hundred milliseconds, and much longer on a cold server
/** A page of 60 products with many variants has some megabytes. */
const MAX_RESPONSE_BYTES = 16_777_216;
const PAYMENT_PROVIDER = 'pp_system_default';
/** How long the region is cached. Every page needs it, and the merchant changes it rarely. */
const REGION_TTL_MS = 30_000;
const PRODUCT_FIELDS =
  'id,title,handle,description,thumbnail,*variants,*variants.calculated_price,+variants.inventory_quantity';

const Region = z.object({
  id: z.string(),
  currency_code: z.string(),
  countries: z.array(z.object({ iso_2: z.string(), display_name: z.string() })),
});
export type Region = z.output<typeof Region>;

const Variant = z.object({
  id: z.string(),
  title: z.string().nullable(),
  manage_inventory: z.boolean(),
  allow_backorder: z.boolean(),
  inventory_quantity: z.number().nullish(),
  calculated_price: z.object({ calculated_amount: z.number().nullable() }).nullish(),
});
export type Variant = z.output<typeof Variant>;

const Product = z.object({
  id: z.string(),
  title: z.string(),
  handle: z.string(),
  description: z.string().nullable(),
  thumbnail: z.string().nullable(),
  variants: z.array(Variant),
});
export type Product = z.output<typeof Product>;

const Item = z.object({
  id: z.string(),
  product_title: z.string().nullish(),
  title: z.string(),
  quantity: z.number(),
  unit_price: z.number(),
});

const Cart = z.object({
  id: z.string(),
  currency_code: z.string(),
  items: z.array(Item),
  total: z.number(),
  completed_at: z.string().nullish(),
});
export type Cart = z.output<typeof Cart>;

const Order = z.object({
  id: z.string(),
  display_id: z.number(),
  email: z.string().nullish(),
  currency_code: z.string(),
  items: z.array(Item),
  total: z.number(),
});
export type Order = z.output<typeof Order>;

const Completion = z.discriminatedUnion('type', [
  z.object({ type: z.literal('order'), order: Order }),
  z.object({ type: z.literal('cart'), error: z.object({ message: z.string() }) }),
]);

export interface Buyer {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly address_1: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country_code: string;
}

/** An error response of the Medusa server. The message is the server's and is written for customers. */
export class UpstreamError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'UpstreamError';
    this.status = status;
  }
}

/** Returns whether the variant has a price and is in stock or can be backordered. */
export function isPurchasable(variant: Variant): boolean {
  const priced = typeof variant.calculated_price?.calculated_amount === 'number';
  return priced && (!variant.manage_inventory || variant.allow_backorder || (variant.inventory_quantity ?? 0) > 0);
}

export type Shop = ReturnType<typeof createShop>;

/**
 * Returns a client for the Store API of one Medusa server. It reads everything at run time, so one image serves all stores.
 * Every function throws an UpstreamError when the server returns an error.
 */
export function createShop(options: { readonly medusaUrl: string; readonly nowMs?: () => number }) {
  const nowMs = options.nowMs ?? Date.now;
  let key: Promise<string> | undefined;
  let cached: { readonly region: Region; readonly untilMs: number } | undefined;

  /** Returns the publishable key of the shop. Fetches it once, and again after the server has rejected it. */
  async function publishableKey(): Promise<string> {
    key ??= fetchKey();
    try {
      return await key;
    } catch (error) {
      key = undefined;
      throw error;
    }
  }

  async function fetchKey(): Promise<string> {
    const response = await fetch(new URL('/storefront-key', options.medusaUrl), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new UpstreamError(response.status, 'the server returned no publishable key');
    return z.object({ publishable_key: z.string() }).parse(await readJson(response)).publishable_key;
  }

  async function call<T>(
    path: string,
    schema: z.ZodType<T>,
    request: { readonly method?: 'POST' | 'DELETE'; readonly body?: unknown; readonly timeoutMs?: number } = {},
  ): Promise<T> {
    const response = await fetch(new URL(path, options.medusaUrl), {
      method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
      headers: { 'x-publishable-api-key': await publishableKey(), 'content-type': 'application/json' },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS),
    });
    if (response.ok) return schema.parse(await readJson(response));
    const { type, message } = ErrorBody.catch({ message: 'The shop cannot do that at the moment.' }).parse(
      await readJson(response).catch(() => undefined),
    );
    // The merchant has revoked the key. The next request fetches the new one.
    if (type === 'not_allowed') key = undefined;
    throw new UpstreamError(response.status, message);
  }

  async function region(): Promise<Region> {
    if (cached !== undefined && cached.untilMs > nowMs()) return cached.region;
    const { regions } = await call('/store/regions', z.object({ regions: z.array(Region) }));
    const found = regions.find((candidate) => candidate.countries.length > 0);
    if (found === undefined) throw new UpstreamError(503, 'The shop does not deliver to any country yet.');
    cached = { region: found, untilMs: nowMs() + REGION_TTL_MS };
    return found;
  }

  async function products(filter: Readonly<Record<string, string>> = {}): Promise<readonly Product[]> {
    const query = new URLSearchParams({
      region_id: (await region()).id,
      fields: PRODUCT_FIELDS,
      limit: '60',
      ...filter,
    });
    return (await call(`/store/products?${query.toString()}`, z.object({ products: z.array(Product) }))).products;
  }

  async function product(handle: string): Promise<Product | undefined> {
    return (await products({ handle }))[0];
  }

  async function cart(id: string): Promise<Cart> {
    return (await call(`${cartPath(id)}?fields=%2Bcompleted_at`, z.object({ cart: Cart }))).cart;
  }

  async function createCart(): Promise<Cart> {
    const body = { region_id: (await region()).id };
    return (await call('/store/carts', z.object({ cart: Cart }), { body })).cart;
  }

  async function addItem(cartId: string, variantId: string, quantity: number): Promise<void> {
    const body = { variant_id: variantId, quantity };
    await call(`${cartPath(cartId)}/line-items`, z.unknown(), { body });
  }

  async function removeItem(cartId: string, itemId: string): Promise<void> {
    const path = `${cartPath(cartId)}/line-items/${encodeURIComponent(itemId)}`;
    await call(path, z.unknown(), { method: 'DELETE' });
  }

  /** Completes a cart with items. Returns the existing order when an earlier request has completed the cart. */
  async function placeOrder(cartId: string, buyer: Buyer): Promise<Order> {
    try {
      await prepareOrder(cartId, buyer);
      return await complete(cartId);
    } catch (error) {
      if (error instanceof UpstreamError && (await cart(cartId)).completed_at) return complete(cartId);
      throw error;
    }
  }

  async function prepareOrder(cartId: string, { email, ...address }: Buyer): Promise<void> {
    await call(cartPath(cartId), z.unknown(), { body: { email, shipping_address: address, billing_address: address } });
    const Options = z.object({ shipping_options: z.array(z.object({ id: z.string() })) });
    const path = `/store/shipping-options?cart_id=${encodeURIComponent(cartId)}`;
    const option = (await call(path, Options)).shipping_options[0];
    if (option === undefined) throw new UpstreamError(400, 'The shop does not ship to this country.');
    await call(`${cartPath(cartId)}/shipping-methods`, z.unknown(), { body: { option_id: option.id } });
    const Collection = z.object({ payment_collection: z.object({ id: z.string() }) });
    const { payment_collection } = await call('/store/payment-collections', Collection, { body: { cart_id: cartId } });
    const body = { provider_id: PAYMENT_PROVIDER };
    await call(`/store/payment-collections/${payment_collection.id}/payment-sessions`, z.unknown(), { body });
  }

  async function complete(cartId: string): Promise<Order> {
    const completion = await call(`${cartPath(cartId)}/complete`, Completion, {
      body: {},
      timeoutMs: ORDER_TIMEOUT_MS,
    });
    if (completion.type === 'order') return completion.order;
    throw new UpstreamError(409, completion.error.message);
  }

  async function order(id: string): Promise<Order> {
    const fields = 'id,display_id,email,currency_code,total,*items';
    return (await call(`/store/orders/${encodeURIComponent(id)}?fields=${fields}`, z.object({ order: Order }))).order;
  }

  return { publishableKey, region, products, product, cart, createCart, addItem, removeItem, placeOrder, order };
}

const ErrorBody = z.object({ type: z.string().optional(), message: z.string() });

async function readJson(response: Response): Promise<unknown> {
  return JSON.parse(await readText(response, MAX_RESPONSE_BYTES));
}

function cartPath(id: string): string {
  return `/store/carts/${encodeURIComponent(id)}`;
}
