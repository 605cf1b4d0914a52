import { expect, test } from '@jest/globals';
import { requestHashOf, storeIdFor } from './idempotency.ts';

test('never changes ids and hashes, because databases and workflow ids contain them', () => {
  expect(storeIdFor('default-user', 'order-42')).toBe('ec22c3a6-cb7d-52b2-bcd7-d90f111f826d');
  expect(requestHashOf({ name: 'Acme Shoes', engine: 'woocommerce' })).toBe(
    'c4a0a7789e839fb4eff70037ed305b0d2bf6a3a89ce10f4db89d30498830ee69',
  );
});

test('returns different ids for different pairs of tenant and key', () => {
  const ids = [storeIdFor('a', 'b:c'), storeIdFor('a:b', 'c'), storeIdFor('a', 'c'), storeIdFor('b', 'c')];
  expect(new Set(ids).size).toBe(ids.length);
});

test('returns a hash that depends on the values of the fields and not on their order', () => {
  const hash = requestHashOf({ name: 'Acme', engine: 'medusa' });
  expect(requestHashOf({ engine: 'medusa', name: 'Acme' })).toBe(hash);
  expect(requestHashOf({ name: 'Acme', engine: 'woocommerce' })).not.toBe(hash);
  expect(requestHashOf({ name: 'acme', engine: 'medusa' })).not.toBe(hash);
  expect(requestHashOf({ name: 'Acme', engine: 'medusa', onFailure: 'hold' })).not.toBe(hash);
  expect(requestHashOf({ name: 'Acme', engine: 'medusa', volumePolicy: 'keep' })).not.toBe(hash);
});

test('returns the same hash with and without explicit defaults', () => {
  const body = { name: 'Acme', engine: 'medusa' } as const;
  expect(requestHashOf({ ...body, onFailure: 'cleanup', volumePolicy: 'delete' })).toBe(requestHashOf(body));
});
