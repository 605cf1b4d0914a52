import type { CreateStoreInput } from '../../db/index.ts';
import { engineSpec } from '../../domain/engines/index.ts';
import { handleOf, namespaceOf, releaseNameOf } from '../../domain/names.ts';
import { storeIdFor } from './idempotency.ts';
import type { CreateStoreBody } from '../contract/schemas.ts';

/** Where stores are served: `http://<handle>.<domain>:<port>/`. */
export interface StoreAddresses {
  readonly domain: string;
  readonly port: number;
}

type StoreDraft = Omit<CreateStoreInput, 'idempotencyKey' | 'requestHash' | 'correlationId' | 'maxStores' | 'now'>;

/** All names and addresses of a store to be. Pure: the same request leads to the same store. */
export function draftStore({
  tenantId,
  idempotencyKey,
  body,
  addresses,
}: {
  readonly tenantId: string;
  readonly idempotencyKey: string;
  readonly body: CreateStoreBody;
  readonly addresses: StoreAddresses;
}): StoreDraft {
  const { name, engine } = body;
  const spec = engineSpec(engine);
  const id = storeIdFor(tenantId, idempotencyKey);
  const handle = handleOf({ id, name });
  const host = `${handle}.${addresses.domain}`;
  const storefront = new URL(`http://${host}:${addresses.port}/`);
  return {
    id,
    tenantId,
    name,
    engine,
    handle,
    namespace: namespaceOf(handle),
    releaseName: releaseNameOf(handle),
    host,
    storefrontUrl: storefront.href,
    adminUrl: new URL(spec.adminPath, storefront).href,
    chartVersion: spec.chartVersion,
    ...(body.onFailure === undefined ? {} : { onFailure: body.onFailure }),
    ...(body.volumePolicy === undefined ? {} : { volumePolicy: body.volumePolicy }),
  };
}
