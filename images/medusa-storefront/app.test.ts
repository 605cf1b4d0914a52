import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Hono } from 'hono';
import { FakeMedusa } from '../../test/fake-shops/fake-medusa.ts';
import { type FakeShopServer, serveFakeShop } from '../../test/fake-shops/serve.ts';
import { createStorefront } from './app.ts';
import { createShop } from './shop.ts';

const PUBLIC_URL = 'http://acme.localhost:8080';
const BUYER = {
  email: 'jan@customers.invalid',
  first_name: 'Jan',
  last_name: 'Jansen',
  address_1: 'Dorpsstraat 1',
  postal_code: '3511 AB',
  city: 'Utrecht',
  country_code: 'nl',
};

let medusa: FakeMedusa;
let server: FakeShopServer;
let storefront: Hono;
const logged: unknown[] = [];

beforeEach(async () => {
  medusa = new FakeMedusa();
  server = await serveFakeShop(medusa.app);
  storefront = openStorefront();
});
afterEach(() => server.stop());

function openStorefront(storeName = 'Acme & <Sons>'): Hono {
  const medusaUrl = server.url;
  return createStorefront({
    shop: createShop({ medusaUrl }),
    storeName,
    publicUrl: PUBLIC_URL,
    medusaUrl,
    log: (entry) => void logged.push(entry),
  });
}

function get(path: string, cookie = ''): Response | Promise<Response> {
  return storefront.request(path, { headers: { cookie } });
}

function post(path: string, form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
  const body = new URLSearchParams(form);
  return storefront.request(path, { method: 'POST', body, headers: { origin: PUBLIC_URL, ...headers } });
}

async function cartWith(quantity: string): Promise<string> {
  const added = await post('/cart/items', { handle: 'sample-product', variant_id: 'variant_1', quantity });
  return (added.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

describe('a customer', () => {
  test('can open a product, add it to the cart and place an order', async () => {
    expect(await (await get('/')).text()).toContain('href="/products/sample-product"');
    expect(await (await get('/products/sample-product')).text()).toContain('€20.00');

    const cookie = await cartWith('2');
    expect(cookie).toBe('cart=cart_1');
    expect(await (await get('/cart', cookie)).text()).toContain('€40.00');
    expect(await (await get('/checkout', cookie)).text()).toContain('name="cart_id" value="cart_1"');

    const ordered = await post('/checkout', { ...BUYER, cart_id: 'cart_1' }, { cookie });
    expect(ordered.status).toBe(303);
    expect(ordered.headers.get('location')).toBe('/orders/order_1');
    expect(await (await get('/orders/order_1')).text()).toContain('<strong>1</strong>');
    expect(medusa.orders).toMatchObject([{ email: BUYER.email, quantity: 2 }]);
  });

  test('gets one order when the form is sent twice', async () => {
    await cartWith('1');
    const first = await post('/checkout', { ...BUYER, cart_id: 'cart_1' });
    const second = await post('/checkout', { ...BUYER, cart_id: 'cart_1' });
    expect([first, second].map((response) => response.headers.get('location'))).toEqual([
      '/orders/order_1',
      '/orders/order_1',
    ]);
    expect(medusa.orders).toHaveLength(1);
  });

  test('gets an error message and keeps the form data when a field is invalid', async () => {
    await cartWith('1');
    const response = await post('/checkout', { ...BUYER, cart_id: 'cart_1', email: 'jan' });
    const body = await response.text();
    expect(response.status).toBe(400);
    expect(body).toContain('the e-mail address is not valid');
    expect(body).toContain('value="Dorpsstraat 1"');
    expect(medusa.orders).toEqual([]);
  });

  test('gets an error message on the product page when the stock is too low', async () => {
    const response = await post('/cart/items', { handle: 'sample-product', variant_id: 'variant_1', quantity: '11' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('does not have the required inventory');
  });

  test('sees a product without stock as sold out', async () => {
    medusa.stock = 0;
    expect(await (await get('/products/sample-product')).text()).toContain('Sold out');
  });

  test('can empty the cart', async () => {
    const cookie = await cartWith('1');
    await post('/cart/items/item_1/remove', {}, { cookie });
    expect(await (await get('/cart', cookie)).text()).toContain('Your cart is empty');
  });

  test('gets an empty cart when the cookie names a cart that no longer exists', async () => {
    expect(await (await get('/cart', 'cart=cart_gone')).text()).toContain('Your cart is empty');
  });
});

describe('the pages', () => {
  test('escape the text of tenants and merchants', async () => {
    const list = await (await get('/products/sample-product')).text();
    expect(list).toContain('Acme &amp; &lt;Sons&gt;');
    expect(list).toContain('a &lt;product&gt; looks');
  });

  test('load nothing from other origins and cannot be framed', async () => {
    const response = await get('/');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  test('reject cross-origin forms', async () => {
    const form = { handle: 'sample-product', variant_id: 'variant_1', quantity: '1' };
    const response = await post('/cart/items', form, { origin: 'http://evil.invalid' });
    expect(response.status).toBe(403);
  });

  test('show customers no link to the admin', async () => {
    const pages = await Promise.all(
      ['/', '/cart', '/products/sample-product'].map(async (path) => (await get(path)).text()),
    );
    for (const page of pages) expect(page).not.toContain('/app');
  });

  test('return 404 for an unknown product, order or path', async () => {
    expect((await get('/products/nothing')).status).toBe(404);
    expect((await get('/orders/nothing')).status).toBe(404);
    expect((await get('/nothing')).status).toBe(404);
  });

  test('return 503 with a page and Retry-After when the server fails, and recover with it', async () => {
    server.failNext('GET /store/products', {
      kind: 'answer',
      status: 500,
      body: { type: 'unknown_error', message: 'x' },
    });
    const failed = await get('/');
    expect(failed.status).toBe(503);
    expect(failed.headers.get('retry-after')).toBe('5');
    expect(logged.at(-1)).toMatchObject({ level: 'error', msg: 'x', path: '/' });
    expect((await get('/')).status).toBe(200);
  });

  test('fetch a new publishable key when the server rejects the old one', async () => {
    await get('/');
    const rejection = { type: 'not_allowed', message: 'A valid publishable key is required' };
    server.failNext('GET /store/products', { kind: 'answer', status: 400, body: rejection });
    await get('/');
    await get('/');
    expect(server.requests.filter((request) => request === 'GET /storefront-key')).toHaveLength(2);
  });
});

describe('the proxy', () => {
  test('returns the responses of the server unchanged', async () => {
    const response = await get('/admin/orders');
    expect(response.status).toBe(401);
    await expect(response.json()).resolves.toEqual({ message: 'Unauthorized' });
  });

  test('does not forward /bootstrap, which only the setup Job may call', async () => {
    const headers = { 'content-type': 'application/json', 'x-bootstrap-key': 'any' };
    const response = await storefront.request('/bootstrap', { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is no such page in this shop.');
  });

  test('forwards bodies and headers', async () => {
    const response = await storefront.request('/auth/user/emailpass', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@store.invalid', password: 'fake-password' }),
    });
    await expect(response.json()).resolves.toEqual({ token: 'fake-token' });
  });
});

describe('health', () => {
  test('is alive without the server, and ready after the first contact with it', async () => {
    server.failNext('GET /storefront-key', { kind: 'answer', status: 503, body: {} });
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/readyz')).status).toBe(200);
  });
});
