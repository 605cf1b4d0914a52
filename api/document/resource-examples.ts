import type { Operation } from '../contract/operation.ts';
import type { Store } from '../contract/store.ts';

const STORE_ID = 'ec22c3a6-cb7d-52b2-bcd7-d90f111f826d';
const OPERATION_ID = 'd92c1aa9-ed5c-59ae-bd26-4d7be935ebc7';
const RUN_ID = '01a2183a-9725-76f6-959d-277d3efd40c2';
const CORRELATION_ID = '288e014a-4b4f-494f-a73a-f56292e8c1cb';

const operation: Partial<Operation> = {
  operationId: OPERATION_ID,
  storeId: STORE_ID,
  kind: 'provision',
  status: 'running',
  step: 'await-ready',
  workflowId: `store/${STORE_ID}`,
  runId: RUN_ID,
  webUrl: `http://127.0.0.1:8233/namespaces/default/workflows/store%2F${STORE_ID}/${RUN_ID}`,
  requestedBy: 'default-user',
  correlationId: CORRELATION_ID,
  idempotencyKey: 'order-42',
  failure: null,
  queuedSince: null,
  heldUntil: null,
  cancelRequestedAt: null,
  deletePlan: null,
  undeleteRequestedAt: null,
  requestedAt: '2026-11-26T14:20:22.595Z',
  startedAt: '2026-11-26T14:20:23.428Z',
  endedAt: null,
};

const store: Partial<Store> = {
  storeId: STORE_ID,
  name: 'Acme Shoes',
  engine: 'woocommerce',
  cluster: 'default',
  status: 'provisioning',
  slug: 'acme-shoes-ec22c3a6cb7d',
  namespace: 'store-acme-shoes-ec22c3a6cb7d',
  releaseName: 'acme-shoes-ec22c3a6cb7d',
  chartVersion: '0.1.0',
  servesTraffic: false,
  servesTrafficReason: 'The store is provisioning.',
  verification: null,
  lastVerifiedAt: null,
  degraded: null,
  urls: { storefront: null, admin: null },
  failure: null,
  onFailure: 'cleanup',
  overrides: null,
  volumePolicy: 'delete',
  undeleteUntil: null,
  allowedActions: ['cancel', 'delete'],
  drift: null,
  conditions: [],
  createdAt: '2026-11-26T14:20:22.595Z',
  updatedAt: '2026-11-26T14:20:23.428Z',
  readyAt: null,
  deletedAt: null,
};

/** Values of the fields of a component in all examples of the document. All other fields get a value of their type. */
export const RESOURCE_EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Store: store,
  Operation: operation,
  StoreEvent: {
    seq: 3,
    type: 'step.completed',
    step: 'prepare-namespace',
    status: 'provisioning',
    message: 'The namespace is ready.',
    data: {},
    correlationId: CORRELATION_ID,
  },
};
