import { IMAGE, RESOURCES, STORAGE } from './override-fields.ts';
import type { EngineSpec } from './types.ts';

export const medusa: EngineSpec = {
  displayName: 'Medusa',
  chart: 'medusa',
  chartVersion: '0.1.0',
  images: {
    image: 'store-platform/medusa',
    'storefront.image': 'store-platform/medusa-storefront',
    'db.image': 'postgres',
    'redis.image': 'redis',
  },
  notRequiredForCheckout: ['Deployment/worker'],
  adminPath: '/app/',
  adminCredentials: { userKey: 'admin-email', passwordKey: 'admin-password', loginKind: 'email' },
  secretName: 'store-secrets',
  secretKeys: [
    { kind: 'literal', key: 'admin-email', value: 'admin@store.invalid' },
    { kind: 'random', key: 'admin-password', length: 32 },
    { kind: 'random', key: 'db-password', length: 32 },
    { kind: 'random', key: 'db-root-password', length: 32 },
    { kind: 'random', key: 'redis-password', length: 32 },
    { kind: 'random', key: 'jwt-secret', length: 64 },
    { kind: 'random', key: 'cookie-secret', length: 64 },
    { kind: 'random', key: 'mfa-encryption-key', length: 64 },
  ],
  quota: {
    cpuRequests: '2',
    memoryRequests: '3Gi',
    cpuLimits: '14',
    memoryLimits: '4Gi',
    pods: 15,
    volumeClaims: 5,
    storage: '20Gi',
    ephemeralStorage: '20Gi', // one for each container of the maximum number of pods, most of which have one
  },
  volumeSizes: { 'db-data': 'db.storage.size', 'redis-data': 'redis.storage.size', static: 'static.size' },
  overridableFields: {
    image: IMAGE,
    storefront: { image: IMAGE, resources: RESOURCES },
    server: { resources: RESOURCES },
    worker: { resources: RESOURCES },
    setup: { resources: RESOURCES },
    static: STORAGE,
    db: { image: IMAGE, storage: STORAGE, resources: RESOURCES },
    redis: { image: IMAGE, storage: STORAGE, resources: RESOURCES },
  },
};
