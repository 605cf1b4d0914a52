import { and, eq, or, type Placeholder, sql } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import type { PrincipalKind } from '../../domain/access/principal.ts';
import {
  placementOf,
  type PlacementCandidate,
  type PlacementRefusal,
  type PlacementWish,
} from '../../domain/clusters.ts';
import type { Engine } from '../../domain/engines/index.ts';
import { workflowIdOf } from '../../domain/names.ts';
import type { FailurePolicy, VolumePolicy } from '../../domain/store/status.ts';
import { noteChange } from '../connection/changes.ts';
import { chosenCluster, isPlacementRefused, preparePlacement } from '../clusters/placement.ts';
import type { Database, Queries } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { auditLog } from '../schema/audit.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { QUOTA_CONSTRAINT, tenantClusters, tenantQuotas } from '../schema/quotas.ts';
import { stores } from '../schema/stores.ts';
import { tenants } from '../schema/tenants.ts';
import { deliveriesOf } from '../webhooks/enqueue.ts';
import { ADOPTED_HASH } from './adopted.ts';
import { ofTenant } from './of-tenant.ts';
import { quotaOf } from './tenant-quota.ts';
import { recordOf, selectStores, type OperationRecord, type StoreRecord, type StoreRow } from './record.ts';

export interface CreateStoreInput {
  readonly id: string;
  readonly tenantId: string;
  readonly idempotencyKey: string;
  /** Digest of the request body. It distinguishes a repeated request from a different one with the same key. */
  readonly requestHash: string;
  readonly name: string;
  readonly engine: Engine;
  readonly slug: string;
  readonly namespace: string;
  readonly releaseName: string;
  readonly host: string;
  readonly storefrontUrl: string;
  readonly adminUrl: string;
  readonly chartVersion: string;
  /** Default: `cleanup`. */
  readonly onFailure?: FailurePolicy;
  /** Default: the volumes are deleted with the store. */
  readonly volumePolicy?: VolumePolicy;
  /** Restricts the clusters in which the store may be placed. Default: none of them is excluded. */
  readonly placement?: PlacementWish;
  /** Id of the requested provision. */
  readonly operationId: string;
  /** Actor that sends the request. The operation records it. */
  readonly requestedBy: string;
  readonly correlationId: string;
  /** Maximum number of stores of the tenant, at least 1. */
  readonly maxStores: number;
  /** The entry of the audit log for a new store. Default: none is written. */
  readonly audit?: { readonly principal: PrincipalKind; readonly change: Readonly<Record<string, unknown>> };
  readonly now: Date;
}

export type CreateStoreResult =
  | { readonly kind: 'created'; readonly store: StoreRecord; readonly operation: OperationRecord }
  /** An earlier request was the same. Holds the store and the provision that it requested, in their current state. */
  | { readonly kind: 'replayed'; readonly store: StoreRecord; readonly operation: OperationRecord }
  | { readonly kind: 'keyReused' }
  /** Another store has the id or the namespace: the names and the first digits of the ids of both are equal. */
  | { readonly kind: 'namespaceTaken'; readonly namespace: string }
  | { readonly kind: 'quotaExceeded'; readonly limit: number; readonly live: number }
  /** No cluster accepts the store. `clusters`: those that have the wished labels. */
  | { readonly kind: 'clusterRefused'; readonly clusters: readonly string[]; readonly reason: PlacementRefusal };

/** Columns of a store that the request sets. All others are the same for every new store. */
const REQUEST_COLUMNS = [
  'id',
  'tenantId',
  'idempotencyKey',
  'requestHash',
  'name',
  'engine',
  'slug',
  'namespace',
  'releaseName',
  'host',
  'storefrontUrl',
  'adminUrl',
  'chartVersion',
  'onFailure',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof StoreRow)[];

type RequestColumns = Pick<StoreRow, (typeof REQUEST_COLUMNS)[number] | 'volumePolicy'>;

const ANY_CLUSTER: PlacementWish = { labels: {} };

const NEW_STORE = {
  overrides: null,
  deleteRequestedAt: null,
  driftSince: null,
  driftObjects: null,
  lastVerifiedAt: null,
  degradedSince: null,
  degradedCause: null,
  conditions: [],
  repairs: [],
  status: 'requested',
  nodes: 'unknown',
  verification: null,
  lastSeq: 1,
  readyAt: null,
  deletedAt: null,
} as const satisfies Omit<StoreRow, keyof RequestColumns | 'cluster'>;

/**
 * Returns a function that writes a store, its operation, its first event, its place in the quota and its entry in the audit
 * log, or none of them.
 * It sends one transaction in one round trip, for which the request waits: the choice of a cluster, and one statement that
 * writes everything. Each connection plans both once. No lock is taken that all tenants would share: a create that is under way
 * when an operator cordons a cluster may still be placed in it.
 */
export function storeCreation(db: Database): (input: CreateStoreInput) => Promise<CreateStoreResult> {
  const { asTenant } = db;
  const insertAll = oncePerConnection(prepareInsert);
  const placement = oncePerConnection(preparePlacement);
  return async function createStore(input: CreateStoreInput): Promise<CreateStoreResult> {
    const columns = requestColumns(input);
    const wish = input.placement ?? ANY_CLUSTER;
    const volumePolicy = input.volumePolicy === undefined ? null : JSON.stringify(input.volumePolicy);
    const { operationId, requestedBy, correlationId, maxStores } = input;
    const values = {
      ...columns,
      volumePolicy,
      operationId,
      workflowId: workflowIdOf(input.id),
      requestedBy,
      correlationId,
      maxStores,
      principal: input.audit?.principal ?? null,
      change: JSON.stringify(input.audit?.change ?? null),
    };
    let candidates: readonly PlacementCandidate[] = [];
    const place = async (queries: Queries): Promise<void> => {
      const now = input.now.toISOString();
      candidates = await placement(queries).execute({ labels: JSON.stringify(wish.labels), now });
    };
    try {
      const rows = await asTenant.queryAfter(input.tenantId, place, (queries) => insertAll(queries).execute(values));
      const [inserted] = rows;
      if (inserted === undefined) return await asTenant.query(input.tenantId, (queries) => replay(queries, input));
      noteChange(asTenant, { storeId: input.id, tenantId: input.tenantId });
      const { cluster } = inserted;
      const operation = firstOperation(input, cluster);
      const store = { ...NEW_STORE, ...columns, cluster, operation, pending: operation };
      return { kind: 'created', store, operation };
    } catch (error) {
      if (!isQuotaViolation(error)) throw error;
      // Before the first worker has registered a cluster, the store waits for it.
      const placed = candidates.length === 0 ? undefined : placementOf(candidates, wish);
      if (placed?.kind === 'refused') {
        return { kind: 'clusterRefused', clusters: placed.clusters, reason: placed.reason };
      }
      return {
        kind: 'quotaExceeded',
        ...(await asTenant.query(input.tenantId, (queries) => readQuota(queries, input))),
      };
    }
  };
}

function requestColumns(input: CreateStoreInput): RequestColumns {
  const {
    operationId: _id,
    requestedBy: _by,
    correlationId: _correlation,
    maxStores: _limit,
    audit: _audit,
    placement: _placement,
    now,
    ...columns
  } = input;
  return {
    ...columns,
    onFailure: input.onFailure ?? 'cleanup',
    volumePolicy: input.volumePolicy ?? null,
    createdAt: now,
    updatedAt: now,
  };
}

/** Returns the operation that the statement writes. */
function firstOperation(input: CreateStoreInput, cluster: string): OperationRecord {
  return {
    id: input.operationId,
    storeId: input.id,
    tenantId: input.tenantId,
    cluster,
    kind: 'provision',
    status: 'requested',
    isCurrent: true,
    workflowId: workflowIdOf(input.id),
    runId: null,
    step: null,
    requestedBy: input.requestedBy,
    correlationId: input.correlationId,
    idempotencyKey: input.idempotencyKey,
    failureCode: null,
    failureMessage: null,
    failureStep: null,
    failureEvidence: null,
    queuedSince: null,
    slotGrantedAt: null,
    heldUntil: null,
    cancelRequestedAt: null,
    undeleteWindowSeconds: null,
    volumePolicy: null,
    undeleteUntil: null,
    undeleteRequestedAt: null,
    restarts: 0,
    restartedAt: null,
    requestedAt: input.now,
    startedAt: null,
    endedAt: null,
  };
}

// One placeholder for each column. The type of `Object.fromEntries` cannot express this.
const PLACEHOLDERS = Object.fromEntries(REQUEST_COLUMNS.map((column) => [column, sql.placeholder(column)])) as {
  readonly [Column in (typeof REQUEST_COLUMNS)[number]]: Placeholder<Column>;
};

/** Prepares a statement that returns one row if the store is new, and none if its key, id or namespace is in use. */
function prepareInsert(db: Queries) {
  // Drizzle would write a null placeholder as the JSON null.
  const volumePolicy = sql`${sql.placeholder('volumePolicy')}::jsonb`;
  const newStore = db.$with('store').as(
    db
      .insert(stores)
      .values({ ...NEW_STORE, ...PLACEHOLDERS, volumePolicy, cluster: chosenCluster })
      // No conflict target: equal creates at the same time also conflict on the primary key, and that must not be an
      // error.
      .onConflictDoNothing()
      .returning(),
  );
  const operation = db.$with('operation', {}).as(sql`
    insert into ${operations} (id, store_id, tenant_id, cluster, kind, status, is_current, workflow_id, requested_by, correlation_id,
      idempotency_key, requested_at)
    select ${sql.placeholder('operationId')}::uuid, id, tenant_id, cluster, 'provision', 'requested', true,
      ${sql.placeholder('workflowId')}, ${sql.placeholder('requestedBy')}, ${sql.placeholder('correlationId')},
      idempotency_key, created_at
    from store`);
  const event = db.$with('event', {}).as(sql`
    insert into ${storeEvents} (store_id, seq, tenant_id, dedupe_key, type, status, message, data, correlation_id,
      operation_id, created_at)
    select id, last_seq, tenant_id, 'store.requested', 'store.requested', status,
      'A ' || engine || ' store was requested', '{}'::jsonb, ${sql.placeholder('correlationId')},
      ${sql.placeholder('operationId')}::uuid, created_at
    from store
    returning store_id, seq, tenant_id, type, created_at`);
  const deliveries = db.$with('deliveries', {}).as(deliveriesOf(sql`event`));
  // Operators can set another limit for a tenant. A store that no cluster accepts finds no room in any quota.
  const allowed = db.$with('allowed', {}).as(sql`
    select case when ${isPlacementRefused} then 0
      else coalesce((select max_stores from ${tenants} where id = ${sql.placeholder('tenantId')}),
        ${sql.placeholder('maxStores')}::integer) end as stores`);
  // A full quota becomes -1. A constraint rejects this and undoes the whole statement. A WHERE clause would not undo
  // it.
  const quota = db.$with('quota', {}).as(sql`
    insert into ${tenantQuotas} as taken (tenant_id, live_stores, updated_at)
    select tenant_id, case when allowed.stores > 0 then 1 else -1 end, created_at from store, allowed
    on conflict (tenant_id) do update set
      live_stores = case when taken.live_stores < (select stores from allowed) then taken.live_stores + 1 else -1 end,
      updated_at = excluded.updated_at
    returning tenant_id`);
  // It reads the quota, so that every transaction locks the row of the quota first.
  const inCluster = db.$with('in_cluster', {}).as(sql`
    insert into ${tenantClusters} as taken (tenant_id, cluster, live_stores)
    select store.tenant_id, store.cluster, 1 from store, quota
    on conflict (tenant_id, cluster) do update set live_stores = taken.live_stores + 1`);
  const principal = sql`${sql.placeholder('principal')}::text`;
  const audit = db.$with('audit', {}).as(sql`
    insert into ${auditLog} (at, tenant_id, actor, principal, action, target, outcome, correlation_id, change)
    select created_at, tenant_id, ${sql.placeholder('requestedBy')}, ${principal}, 'createStore', 'store/' || id, 'succeeded',
      ${sql.placeholder('correlationId')}, ${sql.placeholder('change')}::jsonb
    from store where ${principal} is not null`);
  return db
    .with(newStore, allowed, operation, event, deliveries, quota, inCluster, audit)
    .select({ cluster: newStore.cluster })
    .from(newStore)
    .prepare('create_store');
}

function isQuotaViolation(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DatabaseError && cause.constraint === QUOTA_CONSTRAINT;
}

/** Returns at least the limit as `live`, because the response must not show a store that was deleted after the rejection. */
async function readQuota(queries: Queries, { tenantId, maxStores }: CreateStoreInput) {
  const { limit, used } = (await quotaOf(queries, tenantId, { maxStores, maxRunning: 0 })).stores;
  return { limit, live: Math.max(used, limit) };
}

async function replay(db: Queries, input: CreateStoreInput): Promise<CreateStoreResult> {
  const { tenantId, idempotencyKey } = input;
  // The record of an adopted store has no key, but its id was computed from the tenant and the key.
  const [row] = await selectStores(db).where(
    or(
      and(ofTenant(stores, tenantId), eq(stores.idempotencyKey, idempotencyKey)),
      and(eq(stores.id, input.id), eq(stores.requestHash, ADOPTED_HASH)),
    ),
  );
  if (row === undefined) return { kind: 'namespaceTaken', namespace: input.namespace };
  if (!isSameRequest(row.store, input)) return { kind: 'keyReused' };
  const [operation] = await db
    .select()
    .from(operations)
    .where(and(eq(operations.storeId, row.store.id), eq(operations.idempotencyKey, row.store.idempotencyKey)));
  if (operation === undefined) throw new Error(`store ${row.store.id} has lost its first operation`);
  return { kind: 'replayed', store: recordOf(row), operation };
}

/** Compares the fields that are known when the body of the first request is not. */
function isSameRequest(store: StoreRow, input: CreateStoreInput): boolean {
  if (store.requestHash !== ADOPTED_HASH) return store.requestHash === input.requestHash;
  return store.name === input.name && store.engine === input.engine;
}
