import { expect, test } from '@jest/globals';
import { draftStore } from './draft.ts';

test.each([
  ['http', 80, ''],
  ['http', 8480, ':8480'],
  ['https', 443, ''],
  ['https', 8443, ':8443'],
] as const)('a store at %s and port %i has URLs of this scheme and port', (scheme, port, shown) => {
  const { host, storefrontUrl, adminUrl } = draftStore({
    installation: 'i',
    tenantId: 't',
    idempotencyKey: 'k',
    body: { name: 'Acme Shoes', engine: 'medusa' },
    addresses: { scheme, domain: 'shops.example.com', port },
  });
  expect(storefrontUrl).toBe(`${scheme}://${host}${shown}/`);
  expect(adminUrl).toBe(`${scheme}://${host}${shown}/app/`);
});
