import type { CreateStoreInput } from '../../db/index.ts';
import { engineSpec } from '../../domain/engines/index.ts';
import { slugOf, namespaceOf, releaseNameOf } from '../../domain/names.ts';
import { operationIdFor, storeIdFor } from './idempotency.ts';
import type { CreateStoreBody } from '../contract/store.ts';

/** Where stores are served: `<scheme>://<slug>.<domain>:<port>/`. */
export interface StoreAddresses {
  readonly scheme: 'http' | 'https';
  readonly domain: string;
  readonly port: number;
}

type StoreDraft = Omit<
  CreateStoreInput,
  'idempotencyKey' | 'requestHash' | 'requestedBy' | 'correlationId' | 'maxStores' | 'audit' | 'now'
>;

/** Returns the ids, names and addresses of a store that is requested. The same request leads to the same store. */
export function draftStore({
  installation,
  tenantId,
  idempotencyKey,
  body,
  addresses,
}: {
  readonly installation: string;
  readonly tenantId: string;
  readonly idempotencyKey: string;
  readonly body: CreateStoreBody;
  readonly addresses: StoreAddresses;
}): StoreDraft {
  const { name, engine } = body;
  const spec = engineSpec(engine);
  const id = storeIdFor({ installation, tenantId, idempotencyKey });
  const slug = slugOf({ id, name });
  const host = `${slug}.${addresses.domain}`;
  const storefront = new URL(`${addresses.scheme}://${host}:${addresses.port}/`);
  return {
    id,
    operationId: operationIdFor(id),
    tenantId,
    name,
    engine,
    slug,
    namespace: namespaceOf(slug),
    releaseName: releaseNameOf(slug),
    host,
    storefrontUrl: storefront.href,
    adminUrl: new URL(spec.adminPath, storefront).href,
    chartVersion: spec.chartVersion,
    ...(body.onFailure === undefined ? {} : { onFailure: body.onFailure }),
    ...(body.volumePolicy === undefined ? {} : { volumePolicy: body.volumePolicy }),
    ...(body.placement === undefined ? {} : { placement: body.placement }),
  };
}
