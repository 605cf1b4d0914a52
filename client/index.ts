export { ApiError, ConnectionError } from './errors.ts';
export { createStorePlatformClient, type ClientOptions, type StorePlatformClient } from './client.ts';
export { followEvents, followOperation, listStores, type FollowOptions } from './iterate.ts';
export { listPages } from './pages.ts';
export type { Operation, Problem, Store, StoreCredentials, StoreEvent } from './schema.d.ts';
