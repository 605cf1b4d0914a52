import {
  openOperation,
  type EventPage,
  type OperationProgress,
  type OperationRecord,
  type StoreEventsQuery,
  type StoreKey,
  type StoreListQuery,
  type StoreRecord,
  type StoreRequests,
} from '../../db/index.ts';
import type { StepRetry } from '../../domain/ports/store-operations.ts';
import type { TenantEvent } from '../../domain/store/store.ts';
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
  /** Lists events, and says whether an operation runs or waits. */
  followEvents(
    request: RequestContext,
    storeId: string,
    page: Omit<StoreEventsQuery, keyof StoreKey>,
  ): Promise<EventPage & { readonly isActive: boolean }>;
  /** Lists the events of all stores of the caller. */
  listTenantEvents(
    request: RequestContext,
    page: { readonly after: number; readonly limit: number },
  ): Promise<EventPage<TenantEvent>>;
  /** Returns the number of the newest event of the caller, or 0 without an event. */
  lastTenantSeq(request: RequestContext): Promise<number>;
  listOperations(
    request: RequestContext,
    storeId: string,
    page: Page,
  ): Promise<{ readonly operations: readonly OperationRecord[]; readonly total: number }>;
  getOperation(request: RequestContext, operationId: string): Promise<OperationRecord>;
  /** Returns what is known about an operation besides its record. */
  getProgress(request: RequestContext, operation: OperationRecord): Promise<OperationProgress>;
  /** Returns the repetition of the step that an operation runs, or null without one and while Temporal does not answer. */
  getRetry(request: RequestContext, operation: OperationRecord): Promise<StepRetry | null>;
  delete(request: RequestContext, storeId: string, query?: DeleteStoreQuery): Promise<Accepted>;
  cancel(request: RequestContext, storeId: string): Promise<Accepted>;
  retry(request: RequestContext, storeId: string): Promise<Accepted>;
  signal(request: RequestContext, storeId: string, decision: Decision): Promise<Accepted>;
  undelete(request: RequestContext, storeId: string): Promise<Accepted>;
}

export function createStoreService(options: StoreServiceOptions): StoreService {
  const { records, operations } = options;
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

  async function followEvents(request: RequestContext, storeId: string, page: Omit<StoreEventsQuery, keyof StoreKey>) {
    // The store is read first, so that no event of its last operation is missing when none runs.
    const store = await tools.get(request, storeId);
    return { ...(await listEvents(request, storeId, page)), isActive: openOperation(store) !== null };
  }

  async function getProgress(request: RequestContext, operation: OperationRecord): Promise<OperationProgress> {
    const { tenantId } = request.caller;
    const progress = await records.getProgress({ tenantId, operationId: operation.id });
    if (progress === undefined) throw operationNotFound(operation.id);
    return progress;
  }

  async function getRetry(
    { log }: RequestContext,
    { status, storeId, runId }: OperationRecord,
  ): Promise<StepRetry | null> {
    if (status !== 'running' || runId === null) return null;
    try {
      return await operations.retryOf(storeId, runId);
    } catch (error) {
      // The record says everything else about the operation, also while Temporal does not answer.
      log.debug({ err: error }, 'the retries of an operation could not be read');
      return null;
    }
  }

  async function listOperations(request: RequestContext, storeId: string, page: Page) {
    const found = await records.listOperations({ ...page, tenantId: request.caller.tenantId, storeId });
    if (found === undefined) throw storeNotFound(storeId);
    return found;
  }

  async function getOperation(request: RequestContext, operationId: string): Promise<OperationRecord> {
    const operation = await records.getOperation({ tenantId: request.caller.tenantId, operationId });
    if (operation === undefined) throw operationNotFound(operationId);
    return operation;
  }

  return {
    create: createVerb(options, tools),
    get: tools.get,
    list: (request, query) => records.list({ ...query, tenantId: request.caller.tenantId }),
    listEvents,
    followEvents,
    listTenantEvents: (request, page) => records.listTenantEvents({ ...page, tenantId: request.caller.tenantId }),
    lastTenantSeq: ({ caller }) => records.lastTenantSeq(caller.tenantId),
    listOperations,
    getOperation,
    getProgress,
    getRetry,
    delete: deleteVerb(options, tools),
    cancel: cancelVerb(options, tools),
    retry: retryVerb(options, tools),
    signal: signalVerb(options, tools),
    undelete: undeleteVerb(options, tools),
  };
}

function operationNotFound(operationId: string): Problem {
  return new Problem('OPERATION_NOT_FOUND', `You have no operation ${operationId}.`);
}
