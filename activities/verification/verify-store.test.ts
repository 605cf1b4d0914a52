import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { MEDUSA_ADMIN, FakeMedusa } from '../../test/fake-shops/fake-medusa.ts';
import { type FakeShopServer, serveFakeShop } from '../../test/fake-shops/serve.ts';
import { asActivity, clusterInput } from '../../test/harness/platform/cluster-activities.ts';
import type { Kube } from '../adapters/kube.ts';
import { toActivityFailure } from '../runtime/activity-failure.ts';
import { createVerificationActivities } from './verify-store.ts';

const SECRET = { 'admin-email': MEDUSA_ADMIN.email, 'admin-password': MEDUSA_ADMIN.password };
const CART = 'POST /store/carts';

let medusa: FakeMedusa;
let server: FakeShopServer;
beforeEach(async () => {
  medusa = new FakeMedusa();
  server = await serveFakeShop(medusa.app);
});
afterEach(() => server.stop());

/** The little of a cluster that is asked: the store's Secret. */
const kube = {
  callUnless: (_status: number, _what: string, call: () => Promise<unknown>) => call(),
  core: {
    readNamespacedSecret: async () => ({
      data: Object.fromEntries(
        Object.entries(SECRET).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    }),
  },
} as unknown as Kube; // nothing else of it is used here

const verification = () => createVerificationActivities({ kube, now: () => 0, addressOf: () => server.url });
const input = { ...clusterInput({ engine: 'medusa' }), nodes: 'real' } as const;

test('an order that went through and was taken back is told with its number, total and steps, without a secret', async () => {
  const result = await asActivity(verification().verifyStore, input);
  expect(result).toMatchObject({ outcome: 'passed', order: { number: '1', total: '25.00 EUR' } });
  expect(JSON.stringify(result)).not.toContain(MEDUSA_ADMIN.password);
  expect(medusa.orders.map(({ status }) => status)).toEqual(['archived']);
});

test('a second attempt of the same run makes no second order', async () => {
  await asActivity(verification().verifyStore, input);
  await asActivity(verification().verifyStore, input);
  expect(medusa.orders).toHaveLength(1);
});

test('a refusal is VERIFICATION_FAILED, can be tried again, and names step and answer without the secrets in it', async () => {
  const body = { message: `no cart for ${MEDUSA_ADMIN.password}` };
  server.failNext(CART, { kind: 'answer', status: 503, body });
  const failure: unknown = await asActivity(toActivityFailure(verification().verifyStore), input).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'VERIFICATION_FAILED', nonRetryable: false });
  expect(String(failure)).toMatch(/fill-cart.*503.*no cart for \[redacted\]/);
  expect(JSON.stringify(failure)).not.toContain(MEDUSA_ADMIN.password);
});

test('on simulated nodes nothing is bought, and that is said', async () => {
  expect(await asActivity(verification().verifyStore, { ...input, nodes: 'simulated' })).toMatchObject({
    outcome: 'skipped',
  });
  expect(server.requests).toEqual([]);
});

test('a check makes no order, and tells a refusal as its result', async () => {
  expect(await asActivity(verification().verifyCheckout, input)).toMatchObject({ outcome: 'passed' });
  server.failNext(CART, { kind: 'answer', status: 500, body: {} });
  expect(await asActivity(verification().verifyCheckout, input)).toMatchObject({
    outcome: 'failed',
    step: 'fill-cart',
  });
  expect(medusa.orders).toEqual([]);
});
