import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MEDUSA_ADMIN, FakeMedusa } from '../../../test/fake-shops/fake-medusa.ts';
import { type FakeShopServer, serveFakeShop } from '../../../test/fake-shops/serve.ts';
import { createMedusaCheckout } from './checkout.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { VERIFICATION_EMAIL } from '../checkout-client.ts';

let medusa: FakeMedusa;
let server: FakeShopServer;

beforeEach(async () => {
  medusa = new FakeMedusa();
  server = await serveFakeShop(medusa.app);
});
afterEach(() => server.stop());

function client(admin = MEDUSA_ADMIN) {
  return createMedusaCheckout({ customer: { baseUrl: server.url }, merchant: { baseUrl: server.url }, admin });
}

async function failureOf(work: Promise<unknown>): Promise<VerificationFailure> {
  const outcome = await work.catch((error: unknown) => error);
  if (outcome instanceof VerificationFailure) return outcome;
  throw new Error('expected a VerificationFailure', { cause: outcome });
}

describe('placeOrder', () => {
  test('finds a product that can be bought behind others without stock', async () => {
    medusa.productsWithoutStock = 12;
    await expect(client().placeOrder({ verificationId: 'p1' })).resolves.toMatchObject({ foundEarlier: false });
    expect(server.requests.filter((request) => request === 'GET /store/products')).toHaveLength(3);
  });

  test('places an order that the merchant reads, then leaves stock and open orders unchanged', async () => {
    const report = await client().placeOrder({ verificationId: 'p1' });
    expect(report).toMatchObject({ order: { id: 'order_1', number: '1', total: '25.00 EUR' }, foundEarlier: false });
    const steps = report.steps.map(({ step }) => step);
    // The merchant's and the customer's steps run in parallel; the order waits for both.
    const merchant = ['sign-in', 'find-earlier-orders'];
    const customer = ['read-key', 'choose-region', 'choose-product', 'fill-cart', 'choose-shipping', 'choose-payment'];
    const before = steps.slice(0, merchant.length + customer.length);
    expect(before.filter((step) => merchant.includes(step))).toEqual(merchant);
    expect(before.filter((step) => customer.includes(step))).toEqual(customer);
    expect(steps.slice(before.length)).toEqual(['place-order', 'read-order', 'cancel-order']);
    expect(medusa.orders.map(({ status }) => status)).toEqual(['archived']);
    expect(medusa.reserved).toBe(0);
  });

  test('finds the order of an earlier attempt with the same verification id', async () => {
    await client().placeOrder({ verificationId: 'p1' });
    await expect(client().placeOrder({ verificationId: 'p1' })).resolves.toMatchObject({
      order: { id: 'order_1' },
      foundEarlier: true,
    });
    expect(medusa.orders).toHaveLength(1);
  });

  test('finds and cancels an order whose answer was lost, even if it took the last item in stock', async () => {
    medusa.stock = 1;
    const abandon = new AbortController();
    server.failNext('POST /store/carts/cart_1/complete', { kind: 'lose-answer' });
    const first = client().placeOrder({
      verificationId: 'p1',
      signal: abandon.signal,
      onStep: (step) => void (step === 'place-order' && abortOnceOrdered(abandon)),
    });
    await expect(first).rejects.toThrow('the worker stops');
    expect(medusa.openOrders).toHaveLength(1);

    await expect(client().placeOrder({ verificationId: 'p1' })).resolves.toMatchObject({ foundEarlier: true });
    expect(medusa.orders).toHaveLength(1);
    expect(medusa.reserved).toBe(0);
  });

  test('cancels the open orders of earlier verifications', async () => {
    server.failNext('POST /admin/orders/order_1/cancel', {
      kind: 'answer',
      status: 500,
      body: { type: 'unknown_error' },
    });
    await failureOf(client().placeOrder({ verificationId: 'p1' }));
    expect(medusa.openOrders).toHaveLength(1);

    await client().placeOrder({ verificationId: 'p2' });
    expect(medusa.openOrders).toEqual([]);
    expect(medusa.reserved).toBe(0);
  });

  test('never changes the order of a customer, even with the email and a forged mark of a verification', async () => {
    medusa.orders.push({
      id: 'order_1',
      display_id: 1,
      email: VERIFICATION_EMAIL,
      metadata: { store_platform_verification: `p0.${'0'.repeat(64)}` },
      quantity: 1,
      status: 'pending',
      payment_status: 'authorized',
    });
    await client().placeOrder({ verificationId: 'p1' });
    expect(medusa.openOrders.map(({ id }) => id)).toEqual(['order_1']);
  });

  test('places no order that it could not cancel', async () => {
    const failure = await failureOf(
      client({ ...MEDUSA_ADMIN, password: 'changed' }).placeOrder({ verificationId: 'p1' }),
    );
    expect(failure).toMatchObject({ step: 'sign-in', reason: 'refused', answer: { status: 401 } });
    expect(medusa.orders).toEqual([]);
  });
});

describe('a failure names the step and the answer of the store', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['GET /storefront-key', 'read-key', 'refused'],
    ['GET /store/products', 'choose-product', 'refused'],
    ['POST /store/payment-collections', 'choose-payment', 'refused'],
    ['POST /store/carts/cart_1/complete', 'place-order', 'refused'],
    ['GET /admin/orders/order_1', 'read-order', 'refused'],
  ];
  test.each(cases)('%s answered 500 fails %s', async (request, step, reason) => {
    server.failNext(request, { kind: 'answer', status: 500, body: { message: 'An unknown error occurred.' } });
    const failure = await failureOf(client().placeOrder({ verificationId: 'p1' }));
    expect(failure).toMatchObject({ step, reason, answer: { status: 500 } });
    expect(failure.message).toContain('An unknown error occurred.');
  });

  test('an order that is refused with status 200 has the reason refused', async () => {
    server.failNext('POST /store/carts/cart_1/complete', {
      kind: 'answer',
      status: 200,
      body: { type: 'cart', error: { message: 'payment failed' } },
    });
    const failure = await failureOf(client().placeOrder({ verificationId: 'p1' }));
    expect(failure).toMatchObject({ step: 'place-order', reason: 'refused', answer: { status: 200 } });
  });

  test('an HTML page instead of JSON is an unexpected answer', async () => {
    server.failNext('GET /store/regions', { kind: 'answer', status: 200, body: '<html>' });
    await expect(failureOf(client().verifyCheckout({}))).resolves.toMatchObject({
      step: 'choose-region',
      reason: 'unexpected-answer',
      completed: [{ step: 'read-key' }],
    });
  });

  test('an empty stock and a store without shipping have the reason not-possible', async () => {
    medusa.stock = 0;
    await expect(failureOf(client().verifyCheckout({}))).resolves.toMatchObject({ reason: 'not-possible' });
    medusa.stock = 1;
    medusa.shippingOptions = [];
    await expect(failureOf(client().verifyCheckout({}))).resolves.toMatchObject({
      step: 'choose-shipping',
      reason: 'not-possible',
    });
  });

  test('a server that does not listen is unreachable', async () => {
    await server.stop();
    await expect(failureOf(client().verifyCheckout({}))).resolves.toMatchObject({
      step: 'read-key',
      reason: 'unreachable',
    });
    server = await serveFakeShop(medusa.app);
  });
});

describe('verifyCheckout', () => {
  test('stops before the order and needs no sign-in', async () => {
    const report = await client({ email: '', password: '' }).verifyCheckout({});
    expect(report).toMatchObject({ order: null });
    expect(report.steps.at(-1)?.step).toBe('choose-payment');
    expect(medusa.orders).toEqual([]);
    expect(server.requests.some((request) => request.includes('/admin') || request.includes('/auth'))).toBe(false);
  });

  test('ends at once when the signal is aborted', async () => {
    server.failNext('GET /storefront-key', { kind: 'hang' });
    const cancel = new AbortController();
    const outcome = client().verifyCheckout({
      signal: cancel.signal,
      onStep: () => setImmediate(() => cancel.abort(new Error('cancelled on request'))),
    });
    await expect(outcome).rejects.toThrow('cancelled on request');
  });
});

/** Aborts the attempt as soon as the store has the order. */
function abortOnceOrdered(controller: AbortController): void {
  if (medusa.orders.length > 0) controller.abort(new Error('the worker stops'));
  else setImmediate(abortOnceOrdered, controller);
}
