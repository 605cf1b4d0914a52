import type { Failure, Operation, OperationDetail, Store, StoreEvent } from '@store-platform/client';
import { STATISTICS } from './statistics-fixture.ts';
import type { Fixtures } from './serve-fixtures.ts';

/** The time at which the pages are open. */
export const FIXTURE_NOW = new Date('2026-02-17T09:30:00.000Z');

export const HELD_STORE_ID = '3f5a9c1e-7b2d-4c6f-8a10-5d3e9b7c2f41';
const ADMIN_ID = '8c2e4b70-1d5f-4a93-b6e8-0f7a2c9d3e15';
const OPERATION_ID = '61d0f4a8-9b3c-4e27-a5d1-7c8e2f60b943';
const TENANT = { tenantId: 'acme', name: 'Acme', role: 'admin' } as const;

/** Returns the time some minutes ago. */
function minutesAgo(minutes: number): string {
  return new Date(FIXTURE_NOW.getTime() - minutes * 60_000).toISOString();
}

function urlsOf(slug: string): Store['urls'] {
  const storefront = `https://${slug}.shops.example.com/`;
  return { storefront, admin: `${storefront}admin` };
}

function store(given: Partial<Store> & Pick<Store, 'name' | 'storeId'>): Store {
  const slug = `${given.name.toLowerCase().replaceAll(' ', '-')}-3f5a9c1e7b2d`;
  const createdAt = given.createdAt ?? minutesAgo(1_000);
  const { status = 'ready' } = given;
  return {
    engine: 'woocommerce',
    cluster: 'default',
    status,
    slug,
    namespace: `store-${slug}`,
    releaseName: slug,
    chartVersion: '0.1.0',
    servesTraffic: true,
    servesTrafficReason: null,
    verification: null,
    lastVerifiedAt: null,
    degraded: null,
    urls: status === 'ready' ? urlsOf(slug) : { storefront: null, admin: null },
    operation: null,
    failure: null,
    onFailure: 'cleanup',
    overrides: null,
    volumePolicy: 'delete',
    undeleteUntil: null,
    allowedActions: ['delete'],
    drift: null,
    conditions: [],
    createdAt,
    updatedAt: createdAt,
    readyAt: status === 'ready' ? createdAt : null,
    deletedAt: null,
    ...given,
  };
}

const FAILURE: Failure = {
  code: 'IMAGE_PULL_FAILED',
  message: 'Deployment/server: the image registry.example.com/medusa:9 does not exist',
  step: 'await-ready',
  retryable: false,
  evidence: {
    object: 'Pod/server-6c9f7d5b8-x2k4q',
    events: [
      'Pulling image "registry.example.com/medusa:9"',
      'Failed to pull image: not found',
      'Back-off pulling image',
    ],
  },
};

const OPERATION: Operation = {
  operationId: OPERATION_ID,
  storeId: HELD_STORE_ID,
  kind: 'provision',
  status: 'held',
  step: 'await-ready',
  workflowId: `store/${HELD_STORE_ID}`,
  runId: '2b7c9e14-5a60-4d38-9f21-c4e8a0b6d753',
  webUrl: `https://temporal.example.com/namespaces/default/workflows/store%2F${HELD_STORE_ID}`,
  requestedBy: `user:${ADMIN_ID}`,
  correlationId: 'a4d91c72-0e5b-4f86-8d3a-6b2f7e90c158',
  idempotencyKey: 'studio-ceramics',
  failure: FAILURE,
  queuedSince: null,
  heldUntil: minutesAgo(-24 * 60),
  cancelRequestedAt: null,
  deletePlan: null,
  undeleteRequestedAt: null,
  requestedAt: minutesAgo(12),
  startedAt: minutesAgo(12),
  endedAt: null,
};

const PROGRESS: OperationDetail = {
  ...OPERATION,
  stepStartedAt: minutesAgo(11),
  queue: null,
  waitsFor: {
    reason: 'Operator',
    message: 'The provision is held. Continue it or abort it.',
    since: minutesAgo(9),
    until: minutesAgo(-24 * 60),
  },
  retry: null,
  expected: null,
};

const HELD_STORE = store({
  storeId: HELD_STORE_ID,
  name: 'Studio Ceramics',
  engine: 'medusa',
  status: 'held',
  operation: OPERATION,
  failure: FAILURE,
  onFailure: 'hold',
  allowedActions: ['continue', 'abort', 'cancel'],
  createdAt: minutesAgo(12),
});

/** The steps of the held operation, each with the seconds from the start of the operation to its start and its end. */
const STEPS = [
  ['prepare-namespace', 1, 2],
  ['ensure-secrets', 2, 3],
  ['install-release', 3, 9],
  ['await-ready', 9, 180],
] as const;

/** Returns the time some seconds after the start of the held operation. */
function at(seconds: number): string {
  return minutesAgo(12 - seconds / 60);
}

function heldEvents(): StoreEvent[] {
  const common = {
    status: 'provisioning',
    correlationId: OPERATION.correlationId,
    operationId: OPERATION_ID,
    data: {},
  } as const;
  const steps = STEPS.flatMap(([step, start, end]) => {
    const begun = { ...common, type: 'step.started', step, message: `Step ${step} started`, at: at(start) } as const;
    const ended =
      step === FAILURE.step
        ? ({
            type: 'step.failed',
            message: `Step ${step} failed: ${FAILURE.message}`,
            data: { code: FAILURE.code },
          } as const)
        : ({
            type: 'step.completed',
            message: `Step ${step} completed`,
            data: { durationMs: (end - start) * 1_000 },
          } as const);
    return [begun, { ...common, ...ended, step, at: at(end) }];
  });
  const first = { ...common, step: null, at: at(0) };
  const events: readonly Omit<StoreEvent, 'seq'>[] = [
    { ...first, type: 'store.requested', status: 'requested', message: 'The store was requested' },
    { ...first, type: 'operation.started', message: 'The operation started' },
    ...steps,
    { ...first, type: 'operation.held', status: 'held', message: 'The operation waits for a decision', at: at(180) },
  ];
  return events.map((event, index) => ({ seq: index + 1, ...event }));
}

const STORES: readonly Store[] = [
  store({ storeId: '00000000-0000-4000-8000-000000000001', name: 'Acme Shoes', createdAt: minutesAgo(4) }),
  HELD_STORE,
  store({
    storeId: '00000000-0000-4000-8000-000000000002',
    name: 'Harbour Coffee',
    status: 'provisioning',
    createdAt: minutesAgo(1),
    operation: { ...OPERATION, status: 'running', step: 'install-release', failure: null, heldUntil: null },
  }),
  store({
    storeId: '00000000-0000-4000-8000-000000000003',
    name: 'Copper Kitchen',
    status: 'failed',
    failure: { ...FAILURE, code: 'CRASH_LOOP', message: 'Deployment/web: the container exits with code 1' },
    allowedActions: ['retry', 'delete'],
    createdAt: minutesAgo(75),
  }),
  store({
    storeId: '00000000-0000-4000-8000-000000000004',
    name: 'Nordic Lamps',
    engine: 'medusa',
    createdAt: minutesAgo(600),
  }),
  store({
    storeId: '00000000-0000-4000-8000-000000000005',
    name: 'Old Town Books',
    status: 'deleting',
    allowedActions: ['undelete'],
    undeleteUntil: minutesAgo(-60),
    createdAt: minutesAgo(3_000),
    operation: {
      ...OPERATION,
      kind: 'delete',
      status: 'running',
      step: 'undelete-window',
      failure: null,
      heldUntil: null,
    },
  }),
  store({
    storeId: '00000000-0000-4000-8000-000000000006',
    name: 'A store with a name that is much too long for the place it has',
    status: 'cancelled',
    createdAt: minutesAgo(20_000),
  }),
  store({
    storeId: '00000000-0000-4000-8000-000000000007',
    name: 'Cedar Toys',
    status: 'requested',
    createdAt: minutesAgo(0),
  }),
];

const PAGE = { limit: 100, offset: 0, nextCursor: null, total: null };

/** The responses of the API on all pages that are compared. */
export const FIXTURES: Fixtures = {
  '/health': {
    status: 'up',
    checks: { database: { status: 'up' }, temporal: { status: 'up' } },
    uptimeSeconds: 86_400,
    authentication: 'local',
    nodes: 'real',
  },
  '/api/me': {
    principal: 'user',
    actor: `user:${ADMIN_ID}`,
    user: { userId: ADMIN_ID, email: 'robin@example.com', name: 'Robin Meyer', issuer: 'local' },
    sessionId: 'd5e7f901-3c4b-4a68-b2d0-9e1f8a7c6b54',
    isOperator: false,
    scopes: null,
    tenant: { tenantId: TENANT.tenantId, role: TENANT.role },
    tenants: [TENANT],
    authentication: 'local',
  },
  '/api/quota': {
    tenantId: TENANT.tenantId,
    stores: { limit: 10, used: 9 },
    runningOperations: { limit: 5, used: 1 },
  },
  '/api/events': { data: [], pagination: { limit: 1, after: 0, nextAfter: null, lastSeq: 0 } },
  '/api/stores': { data: STORES.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)), pagination: PAGE },
  '/api/stores/{id}': HELD_STORE,
  '/api/stores/{id}/operations': { data: [OPERATION], pagination: { limit: 20, offset: 0, total: 1 } },
  '/api/stores/{id}/events': { data: heldEvents(), pagination: { limit: 1_000, after: 0, nextAfter: null } },
  '/api/operations/{id}': PROGRESS,
  '/api/statistics': STATISTICS,
  '/api/members': {
    data: [
      {
        userId: ADMIN_ID,
        email: 'robin@example.com',
        name: 'Robin Meyer',
        role: 'admin',
        createdAt: minutesAgo(90_000),
      },
      {
        userId: 'b7d1e5a2-6f30-4c89-9e47-2a8c0d5f1b36',
        email: 'sam@example.com',
        name: 'Sam Okafor',
        role: 'member',
        createdAt: minutesAgo(40_000),
      },
      {
        userId: 'c9a4f2e8-0b71-4d56-8c3e-5f7b9d1a2e60',
        email: null,
        name: 'Kim Larsen',
        role: 'viewer',
        createdAt: minutesAgo(9_000),
      },
    ],
    pagination: { limit: 50, nextCursor: null },
  },
  '/api/service-accounts': { data: [], pagination: { limit: 100, nextCursor: null } },
  '/api/invitations': {
    data: [
      {
        invitationId: 'e2b6c8d4-7a19-4f05-b3e6-1c9d8f2a5b70',
        email: 'new@example.com',
        role: 'member',
        createdBy: `user:${ADMIN_ID}`,
        createdAt: minutesAgo(300),
        expiresAt: minutesAgo(-6 * 24 * 60),
      },
    ],
    pagination: { limit: 50, nextCursor: null },
  },
};
