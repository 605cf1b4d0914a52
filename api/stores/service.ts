import type {
  EventPage,
  OperationRecord,
  StoreEventsQuery,
  StoreKey,
  StoreListQuery,
  StoreRecord,
  StoreRequests,
} from '../../db/index.ts';
import type { DeleteStoreQuery } from '../contract/store.ts';
import { Problem } from '../problems/problem.ts';
import { cancelVerb } from './cancel.ts';
import {
  createVerbTools,
  storeNotFound,
  type Accepted,
  type RequestContext,
  type StoreServiceOptions,
} from './context.ts';
import { createVerb, type CreateInput, type CreateOutcome } from './create.ts';
import { deleteVerb } from './delete.ts';
import { retryVerb } from './retry.ts';
import { signalVerb, type Decision } from './signal.ts';
import { undeleteVerb } from './undelete.ts';

interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** The verbs behind the routes. Each throws Problem or StoreError for what the caller may know. */
export interface StoreService {
  /** Records the store, then starts its provision. */
  create(request: RequestContext, input: CreateInput): Promise<CreateOutcome>;
  get(request: RequestContext, storeId: string): Promise<StoreRecord>;
  list(request: RequestContext, query: Omit<StoreListQuery, 'tenantId'>): ReturnType<StoreRequests['list']>;
  listEvents(
    request: RequestContext,
    storeId: string,
    page: Omit<StoreEventsQuery, keyof StoreKey>,
  ): Promise<EventPage>;
  listOperations(
    request: RequestContext,
    storeId: string,
    page: Page,
  ): Promise<{ readonly operations: readonly OperationRecord[]; readonly total: number }>;
  getOperation(request: RequestContext, operationId: string): Promise<OperationRecord>;
  delete(request: RequestContext, storeId: string, query?: DeleteStoreQuery): Promise<Accepted>;
  cancel(request: RequestContext, storeId: string): Promise<Accepted>;
  retry(request: RequestContext, storeId: string): Promise<Accepted>;
  signal(request: RequestContext, storeId: string, decision: Decision): Promise<Accepted>;
  undelete(request: RequestContext, storeId: string): Promise<Accepted>;
}

export function createStoreService(options: StoreServiceOptions): StoreService {
  const { records } = options;
  const tools = createVerbTools(options);

  async function listEvents(
    request: RequestContext,
    storeId: string,
    page: Omit<StoreEventsQuery, keyof StoreKey>,
  ): Promise<EventPage> {
    const found = await records.listEvents({ ...page, tenantId: request.caller.tenantId, storeId });
    if (found === undefined) throw storeNotFound(storeId);
    return found;
  }

  async function listOperations(request: RequestContext, storeId: string, page: Page) {
    const found = await records.listOperations({ ...page, tenantId: request.caller.tenantId, storeId });
    if (found === undefined) throw storeNotFound(storeId);
    return found;
  }

  async function getOperation(request: RequestContext, operationId: string): Promise<OperationRecord> {
    const operation = await records.getOperation({ tenantId: request.caller.tenantId, operationId });
    if (operation === undefined) throw new Problem('OPERATION_NOT_FOUND', `You have no operation ${operationId}.`);
    return operation;
  }

  return {
    create: createVerb(options, tools),
    get: tools.get,
    list: (request, query) => records.list({ ...query, tenantId: request.caller.tenantId }),
    listEvents,
    listOperations,
    getOperation,
    delete: deleteVerb(options, tools),
    cancel: cancelVerb(options, tools),
    retry: retryVerb(options, tools),
    signal: signalVerb(options, tools),
    undelete: undeleteVerb(options, tools),
  };
}
