import { ApiError, ConnectionError } from '@store-platform/client';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { goToLogin } from './login.ts';

/** Statuses that another attempt can change. The client has repeated the request a few times already. */
const PASSING = new Set([408, 429, 502, 503, 504]);
const MAX_RETRIES = 30;
const MAX_PAUSE_MS = 10_000;

/** Returns whether a request can succeed later without a change: the API restarts, or the network is interrupted. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && PASSING.has(error.status));
}

function onError(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) goToLogin();
}

/** The cache of all data from the API. Live events refresh it: see `live.ts`. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < MAX_RETRIES && isPassing(error),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, MAX_PAUSE_MS),
      // The state of the connection comes from the stream of events, not from the browser.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/**
 * Keys of the queries. Live events refresh everything below `stores` that they concern, and `quota`. Everything below `operator`
 * concerns all tenants, so its pages use `refetchInterval`.
 */
export const keys = {
  me: ['me'],
  health: ['health'],
  /** Lists of stores, each with its filter. */
  storeLists: ['stores', 'list'],
  storeList: (filter: object) => ['stores', 'list', filter],
  /** A store, and everything below it: operations and events. */
  store: (storeId: string) => ['stores', 'one', storeId],
  storeOperations: (storeId: string) => ['stores', 'one', storeId, 'operations'],
  storeOperation: (storeId: string, operationId: string) => ['stores', 'one', storeId, 'operations', operationId],
  storeEvents: (storeId: string) => ['stores', 'one', storeId, 'events'],
  quota: ['quota'],
  overview: ['overview'],
  settings: ['settings'],
  operator: ['operator'],
} as const;
