import type { OperationRecord } from '../../db/index.ts';
import type { RequestContext } from '../stores/context.ts';
import { toOperation, type WebUi } from '../stores/present.ts';
import type { StoreService } from '../stores/service.ts';
import type { Followed } from './event-stream.ts';

/** Events that a stream reads at once. */
const PAGE = 200;

/** Follows the events of a store. */
export function storeFollowed(stores: StoreService, request: RequestContext, storeId: string): Followed {
  const { tenantId } = request.caller;
  return {
    topic: { tenantId, storeId },
    name: 'store',
    read: async (after) => {
      const { events, hasMore, isActive } = await stores.followEvents(request, storeId, { after, limit: PAGE });
      return { messages: events.map((event) => ({ id: event.seq, data: event })), hasMore, isActive };
    },
  };
}

/** Follows the events of all stores of the caller. */
export function tenantFollowed(stores: StoreService, request: RequestContext): Followed {
  return {
    topic: { tenantId: request.caller.tenantId },
    name: 'tenant',
    read: async (after) => {
      const { events, hasMore } = await stores.listTenantEvents(request, { after, limit: PAGE });
      const messages = events.map((event) => ({ id: event.tenantSeq, data: event }));
      return { messages, hasMore, isActive: events.length > 0 };
    },
  };
}

/** Follows the events of an operation until it ends. */
export function operationFollowed(
  stores: StoreService,
  request: RequestContext,
  { operation: { id, storeId }, webUi }: { readonly operation: OperationRecord; readonly webUi: WebUi },
): Followed {
  return {
    topic: { tenantId: request.caller.tenantId, storeId },
    name: `operation ${id}`,
    read: async (after) => {
      // The operation is read first, so that all its events exist when it has ended.
      const operation = await stores.getOperation(request, id);
      const page = await stores.listEvents(request, storeId, { after, limit: PAGE, operationId: id });
      const messages = page.events.map((event) => ({ id: event.seq, data: event }));
      const hasEnded = operation.endedAt !== null && !page.hasMore;
      return {
        messages,
        hasMore: page.hasMore,
        isActive: true,
        ...(hasEnded ? { end: toOperation(operation, webUi) } : {}),
      };
    },
  };
}
