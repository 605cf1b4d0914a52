import { slugOf, namespaceOf } from '../../../domain/names.ts';
import { storeIdOfKey, type StoreClient } from '../traffic/client.ts';
import { BROKEN_STORES } from '../environment/charts.ts';
import type { FaultPoint } from '../environment/fault-points.ts';

/** An operation whose side effects the sweep interrupts. */
export interface SweptOperation {
  readonly name: 'provision' | 'delete' | 'retry' | 'undo';
  /** Brings a store to where the operation begins; the client is told its key. */
  readonly prepare: (client: StoreClient, store: SweptStore) => Promise<void>;
  /** Asks for the operation; what follows is up to the platform. */
  readonly ask: (client: StoreClient, store: SweptStore) => Promise<unknown>;
  /** Writes to the record, in their order, as faultPoints that one of them steps into. */
  readonly recordWrites: readonly (Pick<FaultPoint, 'activity' | 'operation' | 'records'> & {
    readonly label: string;
  })[];
}

export interface SweptStore {
  readonly key: string;
  readonly name: string;
  readonly id: string;
  readonly namespace: string;
}

/** A minute: the workers of the store may be killed on the way, for the sake of others. */
const STEP_DEADLINE_POLLS = 1_200;
const POLL_MS = 50;

/** All that follows from a key, ahead of the create. */
export function sweptStore(operation: SweptOperation['name'], key: string): SweptStore {
  // An undo needs time to be asked for: this one waits for a node that never comes.
  const name = `${operation === 'undo' ? BROKEN_STORES.noNode : 'Shop'} ${key}`;
  const id = storeIdOfKey(key);
  return { key, name, id, namespace: namespaceOf(slugOf({ id, name })) };
}

function create(client: StoreClient, { key, name }: SweptStore): Promise<unknown> {
  return client.create({ key, name, engine: 'woocommerce' });
}

function progress(operation: 'provision' | 'delete', steps: readonly string[]): SweptOperation['recordWrites'] {
  return [
    { activity: 'beginOperation', operation, label: 'begin' },
    ...steps.map(
      (step) => ({ activity: 'recordProgress', operation, records: step, label: `record ${step}` }) as const,
    ),
    { activity: 'endOperation', operation, label: 'end' },
  ];
}

const PROVISION_WRITES = progress('provision', [
  'prepare-namespace',
  'ensure-secrets',
  'install-release',
  'await-ready',
  'verify',
]);

async function awaitStep(client: StoreClient, storeId: string, step: string): Promise<void> {
  for (let polls = 0; polls < STEP_DEADLINE_POLLS; polls += 1) {
    const { answer } = await client.act(storeId, 'get');
    const store = answer.kind === 'answered' ? (answer.body as { operation?: { step?: string } | null }) : undefined; // the API's own shape
    if (store?.operation?.step === step) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${storeId} did not come to ${step}`);
}

export const SWEPT_OPERATIONS: readonly SweptOperation[] = [
  {
    name: 'provision',
    prepare: async () => undefined,
    ask: create,
    recordWrites: PROVISION_WRITES,
  },
  {
    name: 'delete',
    prepare: async (client, store) => {
      await create(client, store);
      await client.settle(store.id);
    },
    ask: (client, { id }) => client.act(id, 'delete'),
    recordWrites: progress('delete', ['uninstall-release', 'delete-namespace', 'await-absence']),
  },
  {
    name: 'retry',
    prepare: async (client, store) => {
      await create(client, store);
      await client.act(store.id, 'cancel');
      await client.settle(store.id);
    },
    ask: (client, { id }) => client.act(id, 'retry'),
    recordWrites: PROVISION_WRITES,
  },
  {
    name: 'undo',
    prepare: async (client, store) => {
      await create(client, store);
      await awaitStep(client, store.id, 'await-ready');
    },
    ask: (client, { id }) => client.act(id, 'cancel'),
    recordWrites: [{ activity: 'endOperation', operation: 'provision', label: 'end' }],
  },
];
