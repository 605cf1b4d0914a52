import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { secureHeaders } from 'hono/secure-headers';
import { z } from 'zod';
import { cartPage, checkoutPage, type Html, notice, orderPage, page, productList, productPage } from './pages.ts';
import { proxyRequest, SERVER_PATHS } from './proxy.ts';
import { admissionControl, microCache } from './load-shedding.ts';
import { type Cart, type Shop, UpstreamError } from './shop.ts';
import { STYLE } from './style.ts';

const CART_COOKIE = 'cart';
const CART_DAYS = 30;
/** Paths whose responses are the same for all customers who are not signed in. */
const PUBLIC_PATHS = ['/storefront-key', '/store/regions', '/store/products', '/store/collections'] as const;

const UNAVAILABLE = 'The shop is not available right now. Please try again in a few seconds.';
const BUSY = 'The shop has more visitors than it can serve right now. Please try again in a few seconds.';

const NewItem = z.object({
  handle: z.string(),
  variant_id: z.string().min(1),
  quantity: z.coerce.number().int().min(1).max(99),
});

const text = (name: string) =>
  z.string(`${name} is missing`).trim().min(1, `${name} is missing`).max(200, `${name} is too long`);
const BuyerForm = z.object({
  email: z.email('the e-mail address is not valid'),
  first_name: text('the first name'),
  last_name: text('the last name'),
  address_1: text('the address'),
  postal_code: text('the postcode'),
  city: text('the city'),
  country_code: text('the country'),
});

export interface StorefrontOptions {
  readonly shop: Shop;
  readonly storeName: string;
  /** Public address of the shop: scheme://host[:port]. */
  readonly publicUrl: string;
  readonly medusaUrl: string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/**
 * Creates the app of one shop: its pages, and a proxy to its Medusa server. The app is stateless; a cookie holds the id of the
 * customer's cart.
 */
export function createStorefront(options: StorefrontOptions): Hono {
  const app = new Hono();
  const forward = proxyRequest(options);
  const forwardCached = microCache(proxyRequest(options, { isShared: true }));
  const admitNewSession = newSessionAdmission(options);
  for (const path of PUBLIC_PATHS) app.on('GET', [path, `${path}/*`], forwardCached);
  app.post('/store/carts', admitNewSession, forward);
  for (const path of SERVER_PATHS) {
    app.all(path, forward);
    app.all(`${path}/*`, forward);
  }
  app.get('/healthz', (c) => c.text('ok'));
  // The key is cached, so the pod stays ready without its server and can show customers an error page.
  app.get('/readyz', async (c) => {
    try {
      await options.shop.publishableKey();
      return c.text('ok');
    } catch {
      return c.text('the Medusa server is not ready', 503);
    }
  });
  app.get('/assets/style.css', (c) =>
    c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600' }),
  );
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'https:', 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      // The ingress terminates TLS, so it decides on this header.
      strictTransportSecurity: false,
    }),
  );
  app.use(csrf({ origin: (origin, c) => origin === options.publicUrl || hostOf(origin) === c.req.header('host') }));
  addPages(app, options, admitNewSession);
  addErrorPages(app, options);
  return app;
}

/**
 * Returns the admission control for requests of customers without a cart. It rejects requests to the Store API with JSON and all
 * others with a page.
 */
function newSessionAdmission({ storeName }: StorefrontOptions): MiddlewareHandler {
  return admissionControl((c) => {
    if (c.req.path.startsWith('/store/')) {
      return c.json({ type: 'busy', message: 'The shop is busy. Try again in a moment.' }, 503);
    }
    return c.html(retryPage(storeName, BUSY), 503);
  });
}

function addPages(
  app: Hono,
  { shop, storeName, publicUrl }: StorefrontOptions,
  admitNewSession: MiddlewareHandler,
): void {
  const show = (c: Context, title: string, body: Html, status: 200 | 400 | 404 | 409 = 200) => {
    c.header('cache-control', 'no-store');
    return c.html(page({ storeName, title, body }), status);
  };
  const setCartCookie = (c: Context, cartId: string) =>
    setCookie(c, CART_COOKIE, cartId, {
      httpOnly: true,
      sameSite: 'Lax',
      secure: publicUrl.startsWith('https:'),
      path: '/',
      maxAge: CART_DAYS * 86_400,
    });

  /** Returns the customer's cart, or undefined when the cookie is missing or the cart no longer exists. */
  async function currentCart(c: Context): Promise<Cart | undefined> {
    const id = getCookie(c, CART_COOKIE);
    if (id === undefined) return undefined;
    try {
      return await shop.cart(id);
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.status !== 404) throw error;
      deleteCookie(c, CART_COOKIE);
      return undefined;
    }
  }

  app.get('/', admitNewSession, async (c) =>
    show(c, 'Products', productList(await shop.products(), await shop.region())),
  );

  app.get('/products/:handle', admitNewSession, async (c) => {
    const product = await shop.product(c.req.param('handle'));
    if (product === undefined) return c.notFound();
    return show(c, product.title, productPage(product, await shop.region()));
  });

  // A customer who has a cart already is never limited.
  const admitWithoutCart: MiddlewareHandler = (c, next) =>
    getCookie(c, CART_COOKIE) === undefined ? admitNewSession(c, next) : next();
  app.post('/cart/items', admitWithoutCart, async (c) => {
    const parsed = NewItem.safeParse(await c.req.parseBody());
    if (!parsed.success)
      return show(c, 'Cart', cartPage(await currentCart(c), 'Please choose a quantity from 1 to 99.'), 400);
    const { handle, variant_id, quantity } = parsed.data;
    try {
      const cart = (await currentCart(c)) ?? (await shop.createCart());
      await shop.addItem(cart.id, variant_id, quantity);
      setCartCookie(c, cart.id);
      return c.redirect('/cart', 303);
    } catch (error) {
      const product = error instanceof UpstreamError && error.status < 500 ? await shop.product(handle) : undefined;
      if (product === undefined || !(error instanceof UpstreamError)) throw error;
      return show(c, product.title, productPage(product, await shop.region(), error.message), 400);
    }
  });

  app.post('/cart/items/:id/remove', async (c) => {
    const cart = await currentCart(c);
    if (cart !== undefined) await shop.removeItem(cart.id, c.req.param('id'));
    return c.redirect('/cart', 303);
  });

  app.get('/cart', async (c) => show(c, 'Cart', cartPage(await currentCart(c))));

  app.get('/checkout', async (c) => {
    const cart = await currentCart(c);
    if (cart === undefined || cart.items.length === 0) return c.redirect('/cart', 303);
    return show(c, 'Checkout', checkoutPage({ cart, region: await shop.region() }));
  });

  app.post('/checkout', async (c) => {
    const form = Object.fromEntries(
      Object.entries(await c.req.parseBody()).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
    // The cart id comes from the form, not from the cookie. When the form is sent twice, the second request finds the order of
    // the first one.
    const cartId = form['cart_id'];
    if (cartId === undefined || cartId === '') return c.redirect('/cart', 303);
    const buyer = BuyerForm.safeParse(form);
    try {
      if (!buyer.success)
        throw new UpstreamError(400, `Please check the form: ${buyer.error.issues[0]?.message ?? ''}.`);
      const order = await shop.placeOrder(cartId, buyer.data);
      deleteCookie(c, CART_COOKIE);
      return c.redirect(`/orders/${encodeURIComponent(order.id)}`, 303);
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.status >= 500) throw error;
      const cart = await shop.cart(cartId);
      const body = checkoutPage({ cart, region: await shop.region(), entered: form, problem: error.message });
      return show(c, 'Checkout', body, error.status === 409 ? 409 : 400);
    }
  });

  // Like the Store API, this page shows an order to every client that knows its id.
  app.get('/orders/:id', async (c) => show(c, 'Thank you', orderPage(await shop.order(c.req.param('id')))));
}

function addErrorPages(app: Hono, { storeName, log }: StorefrontOptions): void {
  app.notFound((c) =>
    c.html(
      page({ storeName, title: 'Not found', body: notice('Not found', 'There is no such page in this shop.') }),
      404,
    ),
  );
  app.onError((error, c) => {
    // An HTTPException of a middleware, such as the CSRF protection.
    if ('getResponse' in error) return error.getResponse();
    if (error instanceof UpstreamError && error.status === 404) return c.notFound();
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    log({ level: 'error', msg: error.message, cause, method: c.req.method, path: c.req.path });
    c.header('retry-after', '5');
    c.header('cache-control', 'no-store');
    return c.html(retryPage(storeName, UNAVAILABLE), 503);
  });
}

function retryPage(storeName: string, reason: string): Html {
  return page({ storeName, title: 'One moment', body: notice('One moment', reason) });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
