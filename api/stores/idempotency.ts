import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { CreateStoreBody } from '../contract/store.ts';

/** Namespace of store ids. Wire format: with another value, a repeated request would create a second store. */
const STORE_ID_NAMESPACE = '5f2b7c1e-8d0a-4f63-9a57-3c1de0b84f26';

/**
 * Returns the store id of a tenant's create request with this key. Installations that share a cluster and a Temporal
 * namespace give different ids to the same tenant and key.
 */
export function storeIdFor({
  installation,
  tenantId,
  idempotencyKey,
}: {
  readonly installation: string;
  readonly tenantId: string;
  readonly idempotencyKey: string;
}): string {
  // As JSON, so that no two inputs give the same text.
  return uuidv5(JSON.stringify([installation, tenantId, idempotencyKey]), STORE_ID_NAMESPACE);
}

/** Returns the id of the provision that the create request of a store asks for. */
export function operationIdFor(storeId: string): string {
  return uuidv5('create', storeId);
}

/** Returns the SHA-256 of a create request, in hex. It distinguishes a repeated request from a different one. */
export function requestHashOf(body: CreateStoreBody): string {
  // Defaults count as if they were sent. The record type makes a forgotten field a type error.
  const { engine, name, onFailure = 'cleanup', volumePolicy = 'delete', placement } = body;
  // The order in which a caller sends the labels does not count. `undefined` leaves the hashes of other requests as they are.
  const labels = Object.entries(placement?.labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const canonical: Record<keyof CreateStoreBody, unknown> = {
    engine,
    name,
    onFailure,
    volumePolicy,
    placement: labels.length === 0 ? undefined : labels,
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
