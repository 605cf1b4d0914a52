import { randomUUID } from 'node:crypto';
import type { Store } from '@store-platform/client';
import { draftStore } from '../../api/stores/draft.ts';
import { eventually, kubeClients } from '../../test/harness/stack/stack.ts';
import { withDatabase } from './direct-database.ts';
import type { BrowserTestPlatform } from './platform.ts';

/** A store whose provision fails at its first step, because a foreign namespace has its name. */
export interface BlockedStore {
  readonly storeId: string;
  readonly namespace: string;
  /** Deletes the foreign namespace: the provision can succeed now. */
  unblock(): Promise<void>;
}

const ADDRESSES = { scheme: 'http', domain: 'localhost', port: 80 } as const;

/** Creates a store whose provision fails. */
export async function createBlockedStore(
  platform: BrowserTestPlatform,
  { name, onFailure }: Pick<Store, 'name' | 'onFailure'>,
): Promise<BlockedStore> {
  const { core } = kubeClients();
  const key = randomUUID();
  const body = { name, engine: 'woocommerce', onFailure } as const;
  const installation = await installationId(platform);
  const { tenantId } = platform;
  const draft = draftStore({ installation, tenantId, idempotencyKey: key, body, addresses: ADDRESSES });
  const { namespace } = draft;
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const { data } = await platform
    .clientAs('member')
    .POST('/api/stores', { params: { header: { 'Idempotency-Key': key } }, body });
  if (data?.namespace !== namespace) throw new Error(`the store has the namespace ${data?.namespace}`);
  return {
    storeId: data.storeId,
    namespace,
    unblock: async () => {
      await core.deleteNamespace({ name: namespace });
      await eventually(async () => {
        const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
        return items.length === 0;
      });
    },
  };
}

async function installationId(platform: BrowserTestPlatform): Promise<string> {
  return await withDatabase(platform, async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from installation');
    const [row] = rows;
    if (row === undefined) throw new Error('the platform has not created its installation');
    return row.id;
  });
}
