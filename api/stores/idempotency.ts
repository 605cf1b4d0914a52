import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { CreateStoreBody } from '../contract/schemas.ts';

/** Namespace of store ids. Wire format: with another value, repeated requests would make second stores. */
const STORE_ID_NAMESPACE = '5f2b7c1e-8d0a-4f63-9a57-3c1de0b84f26';

/** The id that a tenant's create request with this key leads to, each time it is sent. */
export function storeIdFor(tenantId: string, idempotencyKey: string): string {
  // As JSON, so that no two pairs are spelt alike.
  return uuidv5(JSON.stringify([tenantId, idempotencyKey]), STORE_ID_NAMESPACE);
}

/** Tells equal create requests from different ones: SHA-256, in hex, of what the request asks for. */
export function requestHashOf(body: CreateStoreBody): string {
  // Spelt out, because the order of the keys is part of the hash. What is as it would be anyway is left out: the same
  // request has the same hash whether it says so or not, and requests from before these fields keep theirs.
  const { engine, name, onFailure = 'cleanup', volumePolicy = 'delete' } = body;
  const canonical = JSON.stringify({
    engine,
    name,
    ...(onFailure === 'cleanup' ? {} : { onFailure }),
    ...(volumePolicy === 'delete' ? {} : { volumePolicy }),
  });
  return createHash('sha256').update(canonical).digest('hex');
}
