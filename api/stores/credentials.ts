import { targetOf, type StoreRecord } from '../../db/index.ts';
import type { Principal } from '../../domain/access/principal.ts';
import { StoreError } from '../../domain/failure.ts';
import type { AuditSink } from '../../domain/ports/audit.ts';
import type { AdminCredentials, CredentialReader } from '../../domain/ports/credential-reader.ts';
import { Problem } from '../problems/problem.ts';
import type { RequestContext } from './context.ts';
import type { StoreService } from './service.ts';

/** The access of the API to the credentials, and the log of its use. */
export interface CredentialAccess {
  /** The readers by the names of their clusters. */
  readonly readers: ReadonlyMap<string, CredentialReader>;
  readonly audit: AuditSink;
}

/**
 * Creates the verb that reads the credentials of a store from the cluster at the moment of the request. The audit log has an entry
 * before the caller has the response: without the entry, there is no response.
 *
 * @throws Problem STORE_NOT_FOUND, CREDENTIALS_NOT_FOUND, CLUSTER_NOT_CONFIGURED, CLUSTER_UNAVAILABLE, CLUSTER_REFUSED
 */
export function credentialsVerb(stores: Pick<StoreService, 'get'>, access: CredentialAccess | undefined) {
  return async function readCredentials(
    request: RequestContext,
    principal: Principal,
    storeId: string,
  ): Promise<{ readonly store: StoreRecord; readonly credentials: AdminCredentials }> {
    const store = await stores.get(request, storeId);
    const reader = access?.readers.get(store.cluster);
    if (access === undefined || reader === undefined) {
      throw new Problem(
        'CLUSTER_NOT_CONFIGURED',
        `The API has no access to the cluster ${store.cluster} of the store. An operator must set KUBE_CONTEXT or CLUSTER_CONTEXTS.`,
      );
    }
    const credentials = await read(reader, store);
    if (credentials === undefined) {
      throw new Problem('CREDENTIALS_NOT_FOUND', `The store ${storeId} is ${store.status} and has no credentials.`);
    }
    await access.audit.record({
      at: new Date(),
      tenantId: request.caller.tenantId,
      principal,
      action: 'getStoreCredentials',
      target: `store/${storeId}`,
      outcome: 'succeeded',
      correlationId: request.correlationId,
    });
    return { store, credentials };
  };
}

/** The message of an error of the cluster can name objects and accounts of the platform, so only the log has it. */
async function read(reader: CredentialReader, store: StoreRecord): Promise<AdminCredentials | undefined> {
  try {
    return await reader.read(targetOf(store));
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    if (cause.code === 'CLUSTER_UNAVAILABLE') {
      throw new Problem('CLUSTER_UNAVAILABLE', 'The Kubernetes API does not answer. Try again shortly.', { cause });
    }
    throw new Problem('CLUSTER_REFUSED', 'The Kubernetes API did not return the credentials of the store.', { cause });
  }
}
