import { and, eq, sql, type SQL } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import type { Engine } from '../domain/engines.ts';
import { workflowIdOf } from '../domain/names.ts';
import type { FailurePolicy, VolumePolicy } from '../domain/store-state.ts';
import type { Database } from './open-db.ts';
import { QUOTA_CONSTRAINT, storeEvents, stores, tenantQuotas } from './schema.ts';
import type { StoreRecord } from './store-record.ts';

export interface CreateStoreInput {
  readonly id: string;
  readonly tenantId: string;
  readonly idempotencyKey: string;
  /** Digest of the request body: tells a repeated request from another one under the same key. */
  readonly requestHash: string;
  readonly name: string;
  readonly engine: Engine;
  readonly handle: string;
  readonly namespace: string;
  readonly releaseName: string;
  readonly host: string;
  readonly storefrontUrl: string;
  readonly adminUrl: string;
  readonly chartVersion: string;
  /** `cleanup` when it is not given. */
  readonly onFailure?: FailurePolicy;
  /** The volumes go with the store when it is not given. */
  readonly volumePolicy?: VolumePolicy;
  readonly correlationId: string;
  /** Stores the tenant may have at once, at least 1. */
  readonly maxStores: number;
  readonly now: Date;
}

export type CreateStoreResult =
  | { readonly kind: 'created'; readonly store: StoreRecord }
  /** The same request came before; the store as it is now, whatever became of it. */
  | { readonly kind: 'replayed'; readonly store: StoreRecord }
  | { readonly kind: 'keyReused' }
  | { readonly kind: 'quotaExceeded'; readonly limit: number; readonly live: number };

/**
 * Record, first event and quota, or none of them: one statement is one transaction and one round trip, and every request
 * for a store waits for it.
 */
export async function createStore(db: Database, input: CreateStoreInput): Promise<CreateStoreResult> {
  const store = newStore(input);
  try {
    const { rowCount } = await db.execute(insertAll(db, store, input.maxStores));
    return rowCount === 1 ? { kind: 'created', store } : await answerAgain(db, input);
  } catch (error) {
    if (!brokeQuota(error)) throw error;
    return { kind: 'quotaExceeded', limit: input.maxStores, live: await liveStores(db, input) };
  }
}

/** Every column as the row will have it, so that nothing has to be read back. */
function newStore(input: CreateStoreInput): StoreRecord {
  const { now } = input;
  return {
    id: input.id,
    tenantId: input.tenantId,
    idempotencyKey: input.idempotencyKey,
    requestHash: input.requestHash,
    name: input.name,
    engine: input.engine,
    handle: input.handle,
    namespace: input.namespace,
    releaseName: input.releaseName,
    host: input.host,
    storefrontUrl: input.storefrontUrl,
    adminUrl: input.adminUrl,
    chartVersion: input.chartVersion,
    onFailure: input.onFailure ?? 'cleanup',
    spec: null,
    heldUntil: null,
    volumePolicy: input.volumePolicy ?? null,
    undeleteSeconds: 0,
    undeleteUntil: null,
    driftSince: null,
    driftObjects: null,
    lastVerifiedAt: null,
    degradedSince: null,
    degradedCause: null,
    correlationId: input.correlationId,
    status: 'requested',
    nodes: 'unknown',
    verification: null,
    operationKind: 'provision',
    operationWorkflowId: workflowIdOf(input.id),
    operationRunId: null,
    operationStep: null,
    operationStartedAt: now,
    operationEndedAt: null,
    failureCode: null,
    failureMessage: null,
    failureStep: null,
    failureEvidence: null,
    cancelRequestedAt: null,
    deleteRequestedAt: null,
    lastSeq: 1,
    createdAt: now,
    updatedAt: now,
    readyAt: null,
    deletedAt: null,
  };
}

/** Returns one row when the store is new, none when its key, id or namespace is taken. */
function insertAll(db: Database, record: StoreRecord, maxStores: number): SQL {
  // No conflict target: equal creates at the same time meet on the primary key as well, and that must not be an error.
  const newRow = db.insert(stores).values(record).onConflictDoNothing().returning();
  // A full quota becomes -1, which a constraint refuses: that undoes the whole statement, as a WHERE would not.
  return sql`
    with store as ${newRow},
    event as (
      insert into ${storeEvents} (store_id, seq, tenant_id, dedupe_key, type, status, message, data, correlation_id, created_at)
      select id, last_seq, tenant_id, 'store.requested', 'store.requested', status,
        'A ' || engine || ' store was requested', '{}'::jsonb, correlation_id, created_at
      from store
    ),
    quota as (
      insert into ${tenantQuotas} as taken (tenant_id, live_stores, updated_at)
      select tenant_id, 1, created_at from store
      on conflict (tenant_id) do update set
        live_stores = case when taken.live_stores < ${maxStores} then taken.live_stores + 1 else -1 end,
        updated_at = excluded.updated_at
    )
    select id from store`;
}

function brokeQuota(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DatabaseError && cause.constraint === QUOTA_CONSTRAINT;
}

/** At least the limit: what was deleted since the refusal is no part of its answer. */
async function liveStores(db: Database, { tenantId, maxStores }: CreateStoreInput): Promise<number> {
  const [quota] = await db.select().from(tenantQuotas).where(eq(tenantQuotas.tenantId, tenantId));
  return Math.max(quota?.liveStores ?? 0, maxStores);
}

async function answerAgain(db: Database, input: CreateStoreInput): Promise<CreateStoreResult> {
  const [store] = await db
    .select()
    .from(stores)
    .where(and(eq(stores.tenantId, input.tenantId), eq(stores.idempotencyKey, input.idempotencyKey)));
  if (store === undefined) throw new Error(`id ${input.id} or namespace ${input.namespace} belongs to another store`);
  return store.requestHash === input.requestHash ? { kind: 'replayed', store } : { kind: 'keyReused' };
}
