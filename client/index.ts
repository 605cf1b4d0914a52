export { ApiError, ConnectionError } from './errors.ts';
export { createStorePlatformClient, type ClientOptions, type StorePlatformClient } from './client.ts';
export { followEvents, followOperation, followTenant, type FollowOptions } from './follow.ts';
export { listDeliveries, listStores, listWebhooks } from './iterate.ts';
export { listPages } from './pages.ts';
export type * from './schema.d.ts';
