import type { StoreRecord } from '../../db/index.ts';
import { StoreIdParams } from '../contract/store.ts';

/**
 * The store that the handler of a request is going to read. An authenticator may read it together with the credential: that
 * saves a round trip to the database.
 */
export interface ReadAhead {
  readonly storeId: string;
  /** The store of the tenant, or undefined if it has none. Not set: no authenticator has read it. */
  read?: { readonly tenantId: string; readonly store: StoreRecord | undefined };
}

/** The operation that clients poll, and its path. */
const GET_STORE = { id: 'getStore', path: /^\/api\/stores\/([^/]+)$/ };

/** Returns the store that an operation reads for a request, or undefined: it reads no single store, or the id has a wrong form. */
export function readAheadOf(operationId: string, path: string): ReadAhead | undefined {
  if (operationId !== GET_STORE.id) return undefined;
  const [, id] = GET_STORE.path.exec(path) ?? [];
  const { success, data } = StoreIdParams.safeParse({ id });
  return success ? { storeId: data.id } : undefined;
}
