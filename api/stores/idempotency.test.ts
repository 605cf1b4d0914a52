import { expect, test } from '@jest/globals';
import { requestHashOf, storeIdFor } from './idempotency.ts';

const installation = '0b8e5a52-6f0c-4f3e-9d0d-6d1f6a3c2b11';

test('never changes ids and hashes, because databases and workflow ids contain them', () => {
  expect(storeIdFor({ installation, tenantId: 'default-user', idempotencyKey: 'order-42' })).toBe(
    'ec6a762f-7fa0-531c-a2f4-4f9ef85dc6e8',
  );
  expect(requestHashOf({ name: 'Acme Shoes', engine: 'woocommerce' })).toBe(
    'c4a0a7789e839fb4eff70037ed305b0d2bf6a3a89ce10f4db89d30498830ee69',
  );
});

test('returns different ids for different installations, tenants and keys', () => {
  const ids = [
    ['i', 'a', 'b:c'],
    ['i', 'a:b', 'c'],
    ['i:a', 'b', 'c'],
    ['i', 'a', 'c'],
    ['i', 'b', 'c'],
    ['j', 'a', 'c'],
  ].map(([of = '', tenantId = '', idempotencyKey = '']) => storeIdFor({ installation: of, tenantId, idempotencyKey }));
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
