import { sql, type SQL } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
  type AnyPgColumn,
  type ExtraConfigColumn,
} from 'drizzle-orm/pg-core';
import { ENGINES } from '../../domain/engines/index.ts';
import { FAILURE_CODES, type Evidence, type FailureCode } from '../../domain/failure.ts';
import type { Overrides } from '../../domain/store/overrides.ts';
import {
  DELETE_STEPS,
  FAILURE_POLICIES,
  OPERATION_KINDS,
  PROVISION_STEPS,
  STORE_STATUSES,
  type VolumePolicy,
} from '../../domain/store/status.ts';
import { ORPHAN_KINDS } from '../../domain/orphans.ts';
import { EVENT_TYPES, type DriftedObject, type Verification } from '../../domain/store/store.ts';
import { document, untrustedText, instant } from './columns.ts';

export const NODE_KINDS = ['real', 'simulated', 'unknown'] as const;
export const STEPS = [...PROVISION_STEPS, ...DELETE_STEPS] as const;

/** `column in ('a', 'b')`; a column that may be null passes when it is. */
function oneOf(column: AnyPgColumn, values: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`;
}

/** Order of every list. `nulls first` is what a plain `order by … desc` means; an index that says otherwise is not used. */
function newestFirst(table: { readonly createdAt: ExtraConfigColumn; readonly id: ExtraConfigColumn }) {
  return [table.createdAt.desc().nullsFirst(), table.id.desc().nullsFirst()] as const;
}

/**
 * Rows that have a record and no begun run: a provision or retry that no run has taken up, or a delete that waits for a
 * run. The reconciler's query and its partial index share this text, or Postgres would not use the index.
 */
export function awaitsRun(table: {
  readonly status: AnyPgColumn;
  readonly operationRunId: AnyPgColumn;
  readonly operationEndedAt: AnyPgColumn;
  readonly deleteRequestedAt: AnyPgColumn;
}): SQL {
  const { status, operationRunId, operationEndedAt, deleteRequestedAt } = table;
  return sql`((${operationRunId} is null and ${operationEndedAt} is null) or (${deleteRequestedAt} is not null and ${operationEndedAt} is not null)) and ${status} not in ('deleting', 'deleted')`;
}

/** Stores that are inspected for drift; the literal is what lets Postgres use the partial index. */
export function isReady(table: { readonly status: AnyPgColumn }): SQL {
  return sql`${table.status} = 'ready'`;
}

/** Operations that a run has taken up and not ended. */
export function isRunning(table: {
  readonly operationRunId: AnyPgColumn;
  readonly operationEndedAt: AnyPgColumn;
}): SQL {
  return sql`${table.operationEndedAt} is null and ${table.operationRunId} is not null`;
}

/** Provisions that were begun and have not been given their turn. */
export function isQueued(table: { readonly queuedSince: AnyPgColumn }): SQL {
  return sql`${table.queuedSince} is not null`;
}

/** One row a store, deleted ones included: they stay readable by id and keep their idempotency key. */
export const stores = pgTable(
  'stores',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    requestHash: text('request_hash').notNull(),
    name: text('name').notNull(),
    engine: text('engine', { enum: ENGINES }).notNull(),
    status: text('status', { enum: STORE_STATUSES }).notNull(),
    slug: text('slug').notNull(),
    namespace: text('namespace').notNull(),
    releaseName: text('release_name').notNull(),
    host: text('host').notNull(),
    storefrontUrl: text('storefront_url').notNull(),
    adminUrl: text('admin_url').notNull(),
    chartVersion: text('chart_version').notNull(),
    nodes: text('nodes', { enum: NODE_KINDS }).notNull().default('unknown'),
    verification: document<Verification>('verification'),
    /** The newest operation. Without `operationRunId` no run has taken it up; without `operationEndedAt` it is running. */
    operationKind: text('operation_kind', { enum: OPERATION_KINDS }).notNull(),
    operationWorkflowId: text('operation_workflow_id').notNull(),
    operationRunId: text('operation_run_id'),
    operationStep: text('operation_step', { enum: STEPS }),
    operationStartedAt: instant('operation_started_at').notNull(),
    operationEndedAt: instant('operation_ended_at'),
    /** Of a provision that was begun and has not been given its turn among those of its tenant. */
    queuedSince: instant('queued_since'),
    failureCode: text('failure_code').$type<FailureCode>(),
    failureMessage: untrustedText('failure_message'),
    failureStep: text('failure_step', { enum: STEPS }),
    failureEvidence: document<Evidence>('failure_evidence'),
    onFailure: text('on_failure', { enum: FAILURE_POLICIES }).notNull().default('cleanup'),
    /** What operators changed of the chart's values; null: nothing. */
    overrides: document<Overrides>('overrides'),
    /** When a run that is held aborts by itself. */
    heldUntil: instant('held_until'),
    /** Null: the volumes go with the store. */
    volumePolicy: document<VolumePolicy>('volume_policy'),
    undeleteWindowSeconds: integer('undelete_window_seconds').notNull().default(0),
    /** Until when the delete that waits can be taken back. */
    undeleteUntil: instant('undelete_until'),
    /** Of a ready store: since when it differs from what was installed, and in what. */
    driftSince: instant('drift_since'),
    driftObjects: document<readonly DriftedObject[]>('drift_objects'),
    /** When an order, or a check up to the order, last went through. */
    lastVerifiedAt: instant('last_verified_at'),
    /** Of a ready store: since when it does not sell, and what stopped the newest check. */
    degradedSince: instant('degraded_since'),
    degradedCause: document<{ readonly step: string; readonly message: string }>('degraded_cause'),
    correlationId: text('correlation_id').notNull(),
    cancelRequestedAt: instant('cancel_requested_at'),
    deleteRequestedAt: instant('delete_requested_at'),
    /** `seq` of the newest event; writers take their numbers from it under the row lock, so there are no gaps. */
    lastSeq: integer('last_seq').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    readyAt: instant('ready_at'),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    unique('stores_tenant_key').on(table.tenantId, table.idempotencyKey),
    unique('stores_namespace').on(table.namespace),
    check('stores_engine', oneOf(table.engine, ENGINES)),
    check('stores_status', oneOf(table.status, STORE_STATUSES)),
    check('stores_nodes', oneOf(table.nodes, NODE_KINDS)),
    check('stores_operation_kind', oneOf(table.operationKind, OPERATION_KINDS)),
    check('stores_operation_step', oneOf(table.operationStep, STEPS)),
    check('stores_failure_code', oneOf(table.failureCode, FAILURE_CODES)),
    check('stores_idempotency_key_length', sql`char_length(${table.idempotencyKey}) between 1 and 255`),
    check('stores_failed_says_why', sql`(${table.status} in ('failed', 'held')) = (${table.failureCode} is not null)`),
    check('stores_on_failure', oneOf(table.onFailure, FAILURE_POLICIES)),
    check('stores_held_until', sql`(${table.status} = 'held') = (${table.heldUntil} is not null)`),
    check('stores_ready_since', sql`${table.status} <> 'ready' or ${table.readyAt} is not null`),
    check('stores_deleted_since', sql`(${table.status} = 'deleted') = (${table.deletedAt} is not null)`),
    index('stores_list')
      .on(table.tenantId, ...newestFirst(table))
      .where(sql`${table.status} <> 'deleted'`),
    index('stores_list_engine')
      .on(table.tenantId, table.engine, ...newestFirst(table))
      .where(sql`${table.status} <> 'deleted'`),
    index('stores_list_status').on(table.tenantId, table.status, ...newestFirst(table)),
    check('stores_degraded_since', sql`(${table.degradedSince} is null) = (${table.degradedCause} is null)`),
    check('stores_drift_since', sql`(${table.driftSince} is null) = (${table.driftObjects} is null)`),
    // The reconciler goes through these in the order of ids, page by page.
    index('stores_ready').on(table.id).where(isReady(table)),
    index('stores_running').on(table.id).where(isRunning(table)),
    index('stores_waiting').on(table.tenantId, table.queuedSince).where(isQueued(table)),
    check('stores_waiting_provisions', sql`${table.queuedSince} is null or ${table.status} = 'provisioning'`),
    index('stores_awaiting_run').on(table.id).where(awaitsRun(table)),
  ],
);

/** What happened to a store, in the order of `seq`: 1, 2, 3 … without gaps. */
export const storeEvents = pgTable(
  'store_events',
  {
    storeId: uuid('store_id')
      .notNull()
      .references(() => stores.id),
    seq: integer('seq').notNull(),
    tenantId: text('tenant_id').notNull(),
    /** Names the fact, so that an activity delivered twice reports it once. Null: the row lock alone decides. */
    dedupeKey: text('dedupe_key'),
    type: text('type', { enum: EVENT_TYPES }).notNull(),
    step: text('step', { enum: STEPS }),
    status: text('status', { enum: STORE_STATUSES }).notNull(),
    message: untrustedText('message').notNull(),
    data: document<Readonly<Record<string, unknown>>>('data').notNull(),
    correlationId: text('correlation_id'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'store_events_pk', columns: [table.storeId, table.seq] }),
    unique('store_events_dedupe').on(table.storeId, table.dedupeKey),
    check('store_events_type', oneOf(table.type, EVENT_TYPES)),
    check('store_events_status', oneOf(table.status, STORE_STATUSES)),
    check('store_events_step', oneOf(table.step, STEPS)),
    check('store_events_seq', sql`${table.seq} >= 1`),
  ],
);

/** Also the way in which a create finds the quota full. */
export const QUOTA_CONSTRAINT = 'tenant_quotas_live_stores';

/** Stores that count against a tenant's quota; kept by the transactions that create and delete stores. */
export const tenantQuotas = pgTable(
  'tenant_quotas',
  {
    tenantId: text('tenant_id').primaryKey(),
    liveStores: integer('live_stores').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [check(QUOTA_CONSTRAINT, sql`${table.liveStores} >= 0`)],
);

/** What the cluster has and no store accounts for, as of the last pass of the reconciler. */
export const orphans = pgTable(
  'orphans',
  {
    /** Kubernetes' own: an object that is made anew under the same name is another orphan, with a grace of its own. */
    uid: text('uid').primaryKey(),
    kind: text('kind', { enum: ORPHAN_KINDS }).notNull(),
    name: text('name').notNull(),
    namespace: text('namespace'),
    storeId: text('store_id'),
    reason: text('reason').notNull(),
    firstSeen: instant('first_seen').notNull(),
    lastSeen: instant('last_seen').notNull(),
    /** Null: it is never removed by itself. */
    removableAfter: instant('removable_after'),
  },
  (table) => [
    check('orphans_kind', oneOf(table.kind, ORPHAN_KINDS)),
    index('orphans_list').on(table.firstSeen, table.uid),
  ],
);

/** The one row that tells this installation from every other that may share its cluster. */
export const installation = pgTable(
  'installation',
  { singleton: boolean('singleton').primaryKey().default(true), id: uuid('id').notNull() },
  (table) => [check('installation_singleton', sql`${table.singleton}`)],
);
