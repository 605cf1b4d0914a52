import { translatingConnectionErrors } from './connection-errors.ts';
import type { Database } from './open-db.ts';
import { createStoreProgress, type StoreProgress } from './store-progress.ts';
import { createStoreRequests, type StoreRequests } from './store-requests.ts';

export type { CreateStoreInput, CreateStoreResult } from './create-store.ts';
export { awaitsDelete, isOperationRunning, movableOf, targetOf, type StoreRecord } from './store-record.ts';
export type {
  CommandResult,
  DeleteCommand,
  RetryResult,
  StoreCommand,
  StoreEventsQuery,
  StoreKey,
  StoreListQuery,
  StoreRequests,
} from './store-requests.ts';

/** The store records: the API uses the one half, activities the other. */
export type Stores = StoreRequests & StoreProgress;

export function createStores(db: Database): Stores {
  return translatingConnectionErrors({ ...createStoreRequests(db), ...createStoreProgress(db) });
}
