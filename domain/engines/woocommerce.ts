import { IMAGE, RESOURCES, STORAGE } from './override-fields.ts';
import type { EngineSpec } from './types.ts';

export const woocommerce: EngineSpec = {
  displayName: 'WooCommerce',
  chart: 'woocommerce',
  chartVersion: '0.1.0',
  images: { image: 'store-platform/woocommerce', 'db.image': 'mariadb' },
  notRequiredForCheckout: ['Job/setup'],
  adminPath: '/wp-admin/',
  adminCredentials: { userKey: 'admin-user', passwordKey: 'admin-password', loginKind: 'username' },
  secretName: 'store-secrets',
  secretKeys: [
    { kind: 'literal', key: 'admin-user', value: 'admin' },
    { kind: 'random', key: 'admin-password', length: 32 },
    { kind: 'random', key: 'db-password', length: 32 },
    { kind: 'random', key: 'db-root-password', length: 32 },
    { kind: 'random', key: 'auth-key', length: 64 },
    { kind: 'random', key: 'secure-auth-key', length: 64 },
    { kind: 'random', key: 'logged-in-key', length: 64 },
    { kind: 'random', key: 'nonce-key', length: 64 },
    { kind: 'random', key: 'auth-salt', length: 64 },
    { kind: 'random', key: 'secure-auth-salt', length: 64 },
    { kind: 'random', key: 'logged-in-salt', length: 64 },
    { kind: 'random', key: 'nonce-salt', length: 64 },
  ],
  quota: {
    cpuRequests: '2',
    memoryRequests: '2Gi',
    cpuLimits: '12',
    memoryLimits: '3Gi',
    pods: 15,
    volumeClaims: 4,
    storage: '20Gi',
    ephemeralStorage: '20Gi', // one for each container of the maximum number of pods, most of which have one
  },
  volumeSizes: { 'db-data': 'db.storage.size', uploads: 'uploads.size' },
  overridableFields: {
    image: IMAGE,
    web: { php: { resources: RESOURCES }, nginx: { resources: RESOURCES } },
    setup: { resources: RESOURCES },
    cron: { resources: RESOURCES },
    uploads: STORAGE,
    db: { image: IMAGE, storage: STORAGE, resources: RESOURCES },
  },
};
