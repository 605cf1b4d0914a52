import { describe, expect, test } from '@jest/globals';

import { ENGINES, type Engine } from '../../domain/engines/index.ts';
import { releaseValues, requiredKinds } from './values.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

function target(engine: Engine): StoreTarget {
  return {
    cluster: 'default',
    storeId: '0b5b2f0e-7a51-5d2c-9b1c-1a2b3c4d5e6f',
    tenantId: 'tenant-a',
    name: 'Acme "Shoes" $(DB_PASSWORD)',
    engine,
    namespace: 'store-acme-shoes-0b5b2f0e7a51',
    releaseName: 'acme-shoes-0b5b2f0e7a51',
    host: 'acme-shoes-0b5b2f0e7a51.localhost',
  };
}

describe.each(ENGINES)('values of a %s store', (engine) => {
  test('contain the store, its address and the name of its Secret, and nothing else', () => {
    expect(releaseValues(target(engine), { scheme: 'http', port: 8080 })).toEqual({
      existingSecret: 'store-secrets',
      store: {
        id: '0b5b2f0e-7a51-5d2c-9b1c-1a2b3c4d5e6f',
        name: 'Acme "Shoes" $(DB_PASSWORD)',
        host: 'acme-shoes-0b5b2f0e7a51.localhost',
        scheme: 'http',
        port: 8080,
      },
    });
  });

  test('contain the overlay of the operator', () => {
    const overlay = { ingress: { enabled: false }, store: { country: 'de' } };
    expect(
      releaseValues(target(engine), { scheme: 'https', port: 443, overlays: { [engine]: overlay } }),
    ).toMatchObject({
      ingress: { enabled: false },
      store: { country: 'de', scheme: 'https' },
    });
  });

  test('contain the overrides of the store over the overlay, field by field', () => {
    const overlay = { db: { image: { repository: 'registry.example/db', tag: '1' } } };
    const store = { ...target(engine), overrides: { db: { image: { tag: '2' }, storage: { size: '9Gi' } } } };
    expect(releaseValues(store, { scheme: 'http', port: 80, overlays: { [engine]: overlay } })).toMatchObject({
      db: { image: { repository: 'registry.example/db', tag: '2' }, storage: { size: '9Gi' } },
    });
  });

  test('name the certificate of the Ingress, and keep the other annotations of the operator', () => {
    const overlays = { [engine]: { ingress: { className: 'public', annotations: { a: 'b' } } } };
    const options = { scheme: 'https', port: 443, overlays } as const;
    const issued = { kind: 'issued', clusterIssuer: 'letsencrypt' } as const;
    const provided = { kind: 'provided', secretName: 'wildcard' } as const;
    expect(releaseValues(target(engine), { ...options, certificate: issued })).toMatchObject({
      ingress: {
        className: 'public',
        annotations: { a: 'b', 'cert-manager.io/cluster-issuer': 'letsencrypt' },
        tlsSecretName: 'storefront-tls',
      },
    });
    expect(releaseValues(target(engine), { ...options, certificate: provided })).toMatchObject({
      ingress: { className: 'public', annotations: { a: 'b' }, tlsSecretName: 'wildcard' },
    });
  });

  test('keep the identity and the Secret of the store over any overlay', () => {
    const overlay = { existingSecret: 'other', store: { id: 'other', host: 'other', port: 1 } };
    const options = { scheme: 'http', port: 8080 } as const;
    expect(releaseValues(target(engine), { ...options, overlays: { [engine]: overlay } })).toEqual(
      releaseValues(target(engine), options),
    );
  });
});

test('the settings need the kinds of the Gateway API and of cert-manager only when they use them', () => {
  const plain = { scheme: 'http', port: 80, overlays: { medusa: { httpRoute: { enabled: false } } } } as const;
  expect(requiredKinds(plain)).toEqual([]);
  expect(requiredKinds({ scheme: 'https', port: 443, certificate: { kind: 'provided', secretName: 's' } })).toEqual([]);
  const overlays = { woocommerce: { httpRoute: { enabled: true } } };
  const certificate = { kind: 'issued', clusterIssuer: 'i' } as const;
  expect(requiredKinds({ scheme: 'https', port: 443, certificate, overlays })).toEqual([
    {
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      kind: 'HTTPRoute',
      setting: 'woocommerce.httpRoute.enabled in STORE_VALUES_FILE',
    },
    { group: 'cert-manager.io', version: 'v1', kind: 'ClusterIssuer', setting: 'STORE_TLS_ISSUER' },
  ]);
});
