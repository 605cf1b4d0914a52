import type { CreateStoreInput } from '../../db/index.ts';
import { engineSpec } from '../../domain/engines/index.ts';
import { slugOf, namespaceOf, releaseNameOf } from '../../domain/names.ts';
import { storeIdFor } from './idempotency.ts';
import type { CreateStoreBody } from '../contract/schemas.ts';

/** Where stores are served: `http://<slug>.<domain>:<port>/`. */
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
  const overrides = engineSpec(engine);
  const id = storeIdFor(tenantId, idempotencyKey);
  const slug = slugOf({ id, name });
  const host = `${slug}.${addresses.domain}`;
  const storefront = new URL(`http://${host}:${addresses.port}/`);
  return {
    id,
    tenantId,
    name,
    engine,
    slug,
    namespace: namespaceOf(slug),
    releaseName: releaseNameOf(slug),
    host,
    storefrontUrl: storefront.href,
    adminUrl: new URL(overrides.adminPath, storefront).href,
    chartVersion: overrides.chartVersion,
    ...(body.onFailure === undefined ? {} : { onFailure: body.onFailure }),
    ...(body.volumePolicy === undefined ? {} : { volumePolicy: body.volumePolicy }),
  };
}
