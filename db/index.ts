import { translatingConnectionErrors } from './connection/errors.ts';
import type { Database } from './connection/open-db.ts';
import { createOperationRecords } from './operations/progress.ts';
import { createStoreRequests, type StoreRequests } from './stores/requests.ts';

export type { CreateStoreInput, CreateStoreResult } from './stores/create.ts';
export {
  actionableOf,
  openOperation,
  runningOperation,
  targetOf,
  versionOf,
  type OperationRecord,
  type StoreRecord,
} from './stores/record.ts';
export type {
  CommandResult,
  DeleteCommand,
  OperationCommand,
  OperationKey,
  OperationListQuery,
  StoreCommand,
  StoreEventsQuery,
  StoreKey,
  StoreRequests,
} from './stores/requests.ts';
export type { EventPage } from './stores/event-list.ts';
export type { StoreChange } from './connection/changes.ts';
export { createTokenReads, type TokenReads } from './tenancy/token-reads.ts';
export type { DurationSamples, DurationsQuery } from './stores/durations.ts';
export type { OperationProgress } from './stores/progress.ts';
export type { StoreListQuery, StorePage } from './stores/list.ts';
import type { OperationObserver } from '../domain/ports/operation-observer.ts';
import type { OperationRecords } from '../domain/ports/operation-records.ts';

/** The store records. The API uses the requests, and activities use the operation records. */
export type Stores = StoreRequests & OperationRecords;

/**
 * Creates the store records on a database.
 *
 * @param observer Learns about the steps and operations that end. Default: no observer.
 */
export function createStores(db: Database, observer?: OperationObserver): Stores {
  return translatingConnectionErrors({ ...createStoreRequests(db), ...createOperationRecords(db, observer) });
}
