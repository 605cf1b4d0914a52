import { and, eq, type Placeholder, sql } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import type { Engine } from '../../domain/engines/index.ts';
import { workflowIdOf } from '../../domain/names.ts';
import type { FailurePolicy, VolumePolicy } from '../../domain/store/status.ts';
import type { Database } from '../connection/open-db.ts';
import { QUOTA_CONSTRAINT, storeEvents, stores, tenantQuotas } from '../schema/stores.ts';
import type { StoreRecord } from './record.ts';

export interface CreateStoreInput {
  readonly id: string;
  readonly tenantId: string;
  readonly idempotencyKey: string;
  /** Digest of the request body: tells a repeated request from another one under the same key. */
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

/** What is told of a store by its request; all other columns of a new store are the same for every one. */
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
  'correlationId',
  'operationWorkflowId',
  'operationStartedAt',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof StoreRecord)[];

type RequestColumns = Pick<StoreRecord, (typeof REQUEST_COLUMNS)[number] | 'volumePolicy'>;

const NEW_STORE = {
  overrides: null,
  heldUntil: null,
  undeleteWindowSeconds: 0,
  undeleteUntil: null,
  driftSince: null,
  driftObjects: null,
  lastVerifiedAt: null,
  degradedSince: null,
  degradedCause: null,
  status: 'requested',
  nodes: 'unknown',
  verification: null,
  operationKind: 'provision',
  operationRunId: null,
  operationStep: null,
  operationEndedAt: null,
  queuedSince: null,
  failureCode: null,
  failureMessage: null,
  failureStep: null,
  failureEvidence: null,
  cancelRequestedAt: null,
  deleteRequestedAt: null,
  lastSeq: 1,
  readyAt: null,
  deletedAt: null,
} as const satisfies Omit<StoreRecord, keyof RequestColumns>;

/**
 * Makes the record, its first event and its place in the quota, or none of them: one statement is one transaction and one
 * round trip, and every request for a store waits for it. So it is also built and planned only once per connection.
 */
export function storeCreation(db: Database): (input: CreateStoreInput) => Promise<CreateStoreResult> {
  const insertAll = prepareInsert(db);
  return async function createStore(input: CreateStoreInput): Promise<CreateStoreResult> {
    const given = requestColumns(input);
    const volumePolicy = input.volumePolicy === undefined ? null : JSON.stringify(input.volumePolicy);
    try {
      const rows = await insertAll.execute({ ...given, volumePolicy, maxStores: input.maxStores });
      return rows.length === 1 ? { kind: 'created', store: { ...NEW_STORE, ...given } } : await replay(db, input);
    } catch (error) {
      if (!isQuotaViolation(error)) throw error;
      return { kind: 'quotaExceeded', limit: input.maxStores, live: await countLiveStores(db, input) };
    }
  };
}

function requestColumns({ maxStores: _limit, now, ...input }: CreateStoreInput): RequestColumns {
  return {
    ...input,
    onFailure: input.onFailure ?? 'cleanup',
    volumePolicy: input.volumePolicy ?? null,
    operationWorkflowId: workflowIdOf(input.id),
    operationStartedAt: now,
    createdAt: now,
    updatedAt: now,
  };
}

// One for each column, which the type of entries can't express.
const PLACEHOLDERS = Object.fromEntries(REQUEST_COLUMNS.map((column) => [column, sql.placeholder(column)])) as {
  readonly [Column in (typeof REQUEST_COLUMNS)[number]]: Placeholder<Column>;
};

/** Returns one row when the store is new, none when its key, id or namespace is taken. */
function prepareInsert(db: Database) {
  // A null has no form of its own for placeholders of columns: it would be written as the JSON null.
  const volumePolicy = sql`${sql.placeholder('volumePolicy')}::jsonb`;
  const newStore = db.$with('store').as(
    db
      .insert(stores)
      .values({ ...NEW_STORE, ...PLACEHOLDERS, volumePolicy })
      // No conflict target: equal creates at the same time meet on the primary key as well, and that must not be an error.
      .onConflictDoNothing()
      .returning(),
  );
  const event = db.$with('event', {}).as(sql`
    insert into ${storeEvents} (store_id, seq, tenant_id, dedupe_key, type, status, message, data, correlation_id, created_at)
    select id, last_seq, tenant_id, 'store.requested', 'store.requested', status,
      'A ' || engine || ' store was requested', '{}'::jsonb, correlation_id, created_at
    from store`);
  // A full quota becomes -1, which a constraint refuses: that undoes the whole statement, as a WHERE would not.
  const quota = db.$with('quota', {}).as(sql`
    insert into ${tenantQuotas} as taken (tenant_id, live_stores, updated_at)
    select tenant_id, 1, created_at from store
    on conflict (tenant_id) do update set
      live_stores = case when taken.live_stores < ${sql.placeholder('maxStores')} then taken.live_stores + 1 else -1 end,
      updated_at = excluded.updated_at`);
  return db.with(newStore, event, quota).select({ id: newStore.id }).from(newStore).prepare('create_store');
}

function isQuotaViolation(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof DatabaseError && cause.constraint === QUOTA_CONSTRAINT;
}

/** At least the limit: what was deleted since the refusal is no part of its answer. */
async function countLiveStores(db: Database, { tenantId, maxStores }: CreateStoreInput): Promise<number> {
  const [quota] = await db.select().from(tenantQuotas).where(eq(tenantQuotas.tenantId, tenantId));
  return Math.max(quota?.liveStores ?? 0, maxStores);
}

async function replay(db: Database, input: CreateStoreInput): Promise<CreateStoreResult> {
  const [store] = await db
    .select()
    .from(stores)
    .where(and(eq(stores.tenantId, input.tenantId), eq(stores.idempotencyKey, input.idempotencyKey)));
  if (store === undefined) throw new Error(`id ${input.id} or namespace ${input.namespace} belongs to another store`);
  return store.requestHash === input.requestHash ? { kind: 'replayed', store } : { kind: 'keyReused' };
}
