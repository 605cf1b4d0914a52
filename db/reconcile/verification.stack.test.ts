import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CheckoutVerification } from '../../domain/store/store.ts';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { later, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createVerificationRecords } from './verification.ts';
import type { VerificationRecords } from '../../domain/ports/verification-records.ts';

const PASSED: CheckoutVerification = { outcome: 'passed', steps: [{ step: 'open-cart', durationMs: 40 }] };
const FAILED: CheckoutVerification = {
  outcome: 'failed',
  step: 'fill-cart',
  reason: 'refused',
  message: 'fill-cart: answered 503',
};

let records: TestRecords;
let verifications: VerificationRecords;
beforeAll(async () => {
  records = await openTestRecords();
  verifications = createVerificationRecords(records.db);
});
afterAll(() => records.drop());

async function readyStore() {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, later(1));
  return { record: store, target: input.store };
}

test('marks a store as degraded from its first failed verification until one passes, with one event for each', async () => {
  const { record, target } = await readyStore();
  for (const seconds of [2, 3]) {
    expect(await verifications.recordVerification({ store: target, check: FAILED }, later(seconds))).toBe(true);
  }
  const cause = { step: 'fill-cart', reason: 'refused', message: 'fill-cart: answered 503' };
  expect(await records.read(record)).toMatchObject({
    degradedSince: later(2),
    degradedCause: cause,
    lastVerifiedAt: null,
  });
  for (const seconds of [4, 5])
    await verifications.recordVerification({ store: target, check: PASSED }, later(seconds));
  expect(await records.read(record)).toMatchObject({
    degradedSince: null,
    degradedCause: null,
    lastVerifiedAt: later(5),
  });
  const types = (await records.events(record))
    .map(({ type }) => type)
    .filter((type) => /degraded|recovered/.test(type));
  expect(types).toEqual(['store.degraded', 'store.recovered']);
});

test('ignores a verification of a store that is being deleted', async () => {
  const { store, input } = await records.begun('delete');
  const before = await records.world(store);
  expect(await verifications.recordVerification({ store: input.store, check: FAILED }, later(2))).toBe(false);
  expect(await records.world(store)).toEqual(before);
});

test('neither lists nor counts stores on simulated nodes and stores that are not ready', async () => {
  const { record, target } = await readyStore();
  const simulated = await records.begun();
  await records.stores.recordProgress(
    { ...simulated.input, completed: null, started: 'verify', failed: null, nodes: 'simulated' },
    later(1),
  );
  await records.stores.end({ ...simulated.input, outcome: OUTCOMES.ready }, later(1));
  const waiting = await records.request();
  const seen = (await verifications.listStoresToVerify({ cluster: 'default', limit: 1_000, after: null })).map(
    ({ storeId }) => storeId,
  );
  expect(await verifications.countStoresToVerify({ cluster: 'default', after: null })).toBe(seen.length);
  expect(await verifications.countStoresToVerify({ cluster: 'default', after: seen[0] ?? null })).toBe(seen.length - 1);
  expect(await verifications.countStoresToVerify({ cluster: 'other', after: null })).toBe(0);
  expect(seen).toContain(target.storeId);
  expect(seen).not.toContain(simulated.store.id);
  expect(seen).not.toContain(waiting.id);
  expect(
    await verifications.listStoresToVerify({ cluster: 'default', limit: 10, after: seen.at(-1) ?? record.id }),
  ).toEqual([]);
});
