import { slugOf, namespaceOf } from '../../../domain/names.ts';
import type { OperationKind } from '../../../domain/operations/catalogue.ts';
import type { StoreClient } from '../traffic/client.ts';
import { BROKEN_STORES } from '../environment/charts.ts';
import type { FaultPoint } from '../environment/fault-points.ts';

/** An operation whose writes the crash sweep interrupts. */
export interface SweptOperation {
  readonly name: 'provision' | 'delete' | 'retry' | 'undo';
  /** Brings a store into the status in which the operation can start. */
  readonly prepare: (client: StoreClient, store: SweptStore) => Promise<void>;
  /** Sends the request that starts the operation. */
  readonly request: (client: StoreClient, store: SweptStore) => Promise<unknown>;
  /** Writes to the record, in their order, each as the fault point that matches it. */
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

/** One minute, because a crash case of another store may kill the worker of this store. */
const MAX_POLLS = 1_200;
const POLL_MS = 50;

/** Returns the id and the names that follow from a key, before the store is created. */
export function sweptStore(client: StoreClient, operation: SweptOperation['name'], key: string): SweptStore {
  // The pod of this store can't be scheduled, so the provision runs until the client cancels it.
  const name = `${operation === 'undo' ? BROKEN_STORES.noNode : 'Shop'} ${key}`;
  const id = client.storeIdOfKey(key);
  return { key, name, id, namespace: namespaceOf(slugOf({ id, name })) };
}

function create(client: StoreClient, { key, name }: SweptStore): Promise<unknown> {
  return client.create({ key, name, engine: 'woocommerce' });
}

function progress(operation: OperationKind, steps: readonly string[]): SweptOperation['recordWrites'] {
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
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    const { result } = await client.request(storeId, 'get');
    const store = result.kind === 'response' ? (result.body as { operation?: { step?: string } | null }) : undefined; // the tests of the API guarantee this shape
    if (store?.operation?.step === step) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`store ${storeId} did not reach the step ${step}`);
}

export const SWEPT_OPERATIONS: readonly SweptOperation[] = [
  {
    name: 'provision',
    prepare: async () => undefined,
    request: create,
    recordWrites: PROVISION_WRITES,
  },
  {
    name: 'delete',
    prepare: async (client, store) => {
      await create(client, store);
      await client.waitUntilIdle(store.id);
    },
    request: (client, { id }) => client.request(id, 'delete'),
    recordWrites: progress('delete', ['uninstall-release', 'delete-namespace', 'await-absence']),
  },
  {
    name: 'retry',
    prepare: async (client, store) => {
      await create(client, store);
      await client.request(store.id, 'cancel');
      await client.waitUntilIdle(store.id);
    },
    request: (client, { id }) => client.request(id, 'retry'),
    recordWrites: PROVISION_WRITES,
  },
  {
    name: 'undo',
    prepare: async (client, store) => {
      await create(client, store);
      await awaitStep(client, store.id, 'await-ready');
    },
    request: (client, { id }) => client.request(id, 'cancel'),
    recordWrites: [{ activity: 'endOperation', operation: 'provision', label: 'end' }],
  },
];
