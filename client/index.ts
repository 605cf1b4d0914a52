export { ApiError, ConnectionError } from './errors.ts';
export { createStorePlatformClient, type ClientOptions, type StorePlatformClient } from './client.ts';
export {
  followEvents,
  followOperation,
  listDeliveries,
  listStores,
  listWebhooks,
  type FollowOptions,
} from './iterate.ts';
export type {
  Operation,
  Problem,
  Store,
  StoreCredentials,
  StoreEvent,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
} from './schema.d.ts';
export { listPages } from './pages.ts';
