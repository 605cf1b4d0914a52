export { ApiError, ConnectionError } from './errors.ts';
export { createStorePlatformClient, type ClientOptions, type StorePlatformClient } from './client.ts';
export { followEvents, followOperation, followTenant, type FollowOptions } from './follow.ts';
export { listStores } from './iterate.ts';
export { listPages } from './pages.ts';
export type {
  Operation,
  OperationDetail,
  Problem,
  Store,
  StoreCredentials,
  StoreEvent,
  TenantEvent,
} from './schema.d.ts';
