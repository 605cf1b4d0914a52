import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeShopServer, serveFakeShop } from '../../../test/fake-shops/serve.ts';
import { WOO_AUTH_KEY, FakeWoocommerce } from '../../../test/fake-shops/fake-woocommerce.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { VERIFICATION_EMAIL } from '../checkout-client.ts';
import { createWoocommerceCheckout } from './checkout.ts';

const OPEN_CART = 'GET /wp-json/wc/store/v1/cart';
const CHECKOUT = 'POST /wp-json/wc/store/v1/checkout';
const CANCEL = 'DELETE /wp-json/store-platform';

let shop: FakeWoocommerce;
let server: FakeShopServer;

beforeEach(async () => {
  shop = new FakeWoocommerce();
  server = await serveFakeShop(shop.app);
});
afterEach(() => server.stop());

function client(authKey = WOO_AUTH_KEY) {
  return createWoocommerceCheckout({ customer: { baseUrl: server.url }, merchant: { baseUrl: server.url }, authKey });
}

async function failureOf(work: Promise<unknown>): Promise<VerificationFailure> {
  const outcome = await work.catch((error: unknown) => error);
  if (outcome instanceof VerificationFailure) return outcome;
  throw new Error('expected a VerificationFailure', { cause: outcome });
}

describe('placeOrder', () => {
  test('places an order that the merchant sees, then leaves no order and the stock unchanged', async () => {
    const report = await client().placeOrder({ verificationId: 'p1' });
    expect(report).toMatchObject({ order: { id: '101', number: '101', total: '17.50 EUR' }, foundEarlier: false });
    const steps = report.steps.map(({ step }) => step);
    // The merchant's and the customer's steps run in parallel; the order waits for both.
    expect(new Set(steps.slice(0, 6))).toEqual(
      new Set(['find-earlier-orders', 'choose-product', 'open-cart', 'fill-cart', 'choose-shipping', 'choose-payment']),
    );
    expect(steps.slice(6)).toEqual(['place-order', 'cancel-order']);
    expect(shop.orders).toEqual([]);
    expect(shop.stock).toBe(10);
  });

  test('finds an order that was not cancelled in the next attempt and places no second one', async () => {
    server.failNext(CANCEL, { kind: 'answer', status: 500, body: { code: 'internal_server_error' } });
    await expect(failureOf(client().placeOrder({ verificationId: 'p1' }))).resolves.toMatchObject({
      step: 'cancel-order',
    });
    expect(shop.stock).toBe(9);

    await expect(client().placeOrder({ verificationId: 'p1' })).resolves.toMatchObject({
      order: { id: '101' },
      foundEarlier: true,
    });
    expect(server.requests.filter((request) => request === CHECKOUT)).toHaveLength(1);
    expect(shop).toMatchObject({ stock: 10, orders: [] });
  });

  test('accepts an order that was not cancelled even if it took the last item in stock', async () => {
    shop.stock = 1;
    server.failNext(CANCEL, { kind: 'answer', status: 500, body: { code: 'internal_server_error' } });
    await failureOf(client().placeOrder({ verificationId: 'p1' }));
    await expect(client().placeOrder({ verificationId: 'p1' })).resolves.toMatchObject({ foundEarlier: true });
    expect(shop).toMatchObject({ stock: 1, orders: [] });
  });

  test('never changes the order of a customer, even with the email and a forged mark of a verification', async () => {
    const note = `verification order p0.${'0'.repeat(64)}`;
    shop.orders.push({ id: 5, status: 'processing', email: VERIFICATION_EMAIL, note, quantity: 1 });
    await client().placeOrder({ verificationId: 'p1' });
    expect(shop.orders.map(({ id }) => id)).toEqual([5]);
  });

  test('waits for an ingress that does not route to the store yet', async () => {
    server.failNext(OPEN_CART, { kind: 'gateway', status: 502 });
    await expect(client().placeOrder({ verificationId: 'p1' })).resolves.toMatchObject({ order: { id: '101' } });
    expect(server.requests.filter((request) => request === OPEN_CART)).toHaveLength(2);
  });

  test('does not retry the order: a lost answer may belong to an order that was placed', async () => {
    server.failNext(CHECKOUT, { kind: 'gateway', status: 504 });
    await expect(failureOf(client().placeOrder({ verificationId: 'p1' }))).resolves.toMatchObject({
      step: 'place-order',
      reason: 'unreachable',
      answer: { status: 504 },
    });
    expect(server.requests.filter((request) => request === CHECKOUT)).toHaveLength(1);
  });

  test('places no order that it could not cancel', async () => {
    await expect(failureOf(client('another-key').placeOrder({ verificationId: 'p1' }))).resolves.toMatchObject({
      step: 'find-earlier-orders',
      reason: 'refused',
      answer: { status: 401 },
    });
    expect(server.requests).not.toContain(CHECKOUT);
  });
});

describe('a failure names the step and the answer of the store', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['GET /wp-json/wc/store/v1/products', 'choose-product'],
    ['GET /wp-json/wc/store/v1/cart', 'open-cart'],
    ['POST /wp-json/wc/store/v1/batch', 'fill-cart'],
    [CHECKOUT, 'place-order'],
  ];
  test.each(cases)('%s answered 503 fails %s', async (request, step) => {
    server.failNext(request, { kind: 'answer', status: 503, body: { code: 'store_unavailable' } });
    const failure = await failureOf(client().placeOrder({ verificationId: 'p1' }));
    expect(failure).toMatchObject({ step, reason: 'refused', answer: { status: 503 } });
    expect(failure.message).toContain('store_unavailable');
  });

  test.each([
    ['/cart/add-item', 'fill-cart'],
    ['/cart/update-customer', 'choose-shipping'],
  ])('%s answered 503 within a batch fails %s', async (change, step) => {
    shop.broken = change;
    const failure = await failureOf(client().placeOrder({ verificationId: 'p1' }));
    expect(failure).toMatchObject({ step, reason: 'refused', answer: { status: 503 } });
    expect(failure.message).toContain(
      `POST /wp-json/wc/store/v1${change} was answered 503: {"code":"store_unavailable"}`,
    );
  });

  test('an order that the merchant does not find is an unexpected answer', async () => {
    server.failNext(CANCEL, { kind: 'answer', status: 200, body: { orders: [] } });
    const failure = await failureOf(client().placeOrder({ verificationId: 'p1' }));
    expect(failure).toMatchObject({ step: 'cancel-order', reason: 'unexpected-answer' });
    expect(failure.message).toContain('order 101 was confirmed to the customer, but the merchant does not find it');
  });

  test('an order whose payment failed is an unexpected answer', async () => {
    server.failNext(CHECKOUT, {
      kind: 'answer',
      status: 200,
      body: { order_id: 7, status: 'pending', payment_result: { payment_status: 'failure' } },
    });
    await expect(failureOf(client().placeOrder({ verificationId: 'p1' }))).resolves.toMatchObject({
      step: 'place-order',
      reason: 'unexpected-answer',
    });
  });

  test.each<[string, () => void, string]>([
    ['nothing in stock', () => void (shop.stock = 0), 'choose-product'],
    ['no shipping', () => void (shop.rates = []), 'choose-shipping'],
    ['card payments only', () => void (shop.paymentMethods = ['stripe']), 'choose-payment'],
  ])('%s has the reason not-possible', async (_name, change, step) => {
    change();
    await expect(failureOf(client().verifyCheckout({}))).resolves.toMatchObject({ step, reason: 'not-possible' });
  });
});

describe('verifyCheckout', () => {
  test('stops before the order, needs no key and creates no draft', async () => {
    const report = await client('').verifyCheckout({});
    expect(report).toMatchObject({ order: null });
    expect(report.steps.map(({ step }) => step).slice(-2)).toEqual(['read-checkout', 'read-scheduled-tasks']);
    expect(shop.orders).toEqual([]);
  });

  test('fails when the scheduled tasks of the shop have not run for longer than a run may take', async () => {
    shop.overdueSeconds = 900;
    await client().verifyCheckout({});
    shop.overdueSeconds = 1_800;
    await expect(failureOf(client().verifyCheckout({}))).resolves.toMatchObject({
      step: 'read-scheduled-tasks',
      message: expect.stringContaining('30 min'),
    });
  });
});
