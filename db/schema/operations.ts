import { sql, type SQL } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  text,
  uniqueIndex,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core';
import { FAILURE_CODES, type Evidence, type FailureCode } from '../../domain/failure.ts';
import {
  OPERATION_KINDS,
  OPERATION_STATUSES,
  STEPS,
  type OperationKind,
  type OperationStatus,
  type Step,
} from '../../domain/operations/catalogue.ts';
import type { VolumePolicy } from '../../domain/store/status.ts';
import { newestFirst, oneOf } from './checks.ts';
import { document, instant, untrustedText } from './columns.ts';
import { stores } from './stores.ts';

interface RunColumns {
  readonly runId: AnyPgColumn;
  readonly endedAt: AnyPgColumn;
}

/**
 * Selects operations that no workflow run has taken up. The reconciler's query and the unique index share this text.
 */
export function isPending(table: RunColumns): SQL {
  return sql`${table.runId} is null and ${table.endedAt} is null`;
}

/** Selects operations that a workflow run has taken up and not ended. */
export function isRunning(table: RunColumns): SQL {
  return sql`${table.runId} is not null and ${table.endedAt} is null`;
}

/** Selects operations that wait for a tenant slot. */
export function isQueued(table: { readonly queuedSince: AnyPgColumn }): SQL {
  return sql`${table.queuedSince} is not null`;
}

/** Selects operations that were given a tenant slot while they waited, and whose runs have not confirmed it yet. */
export function hasUnconfirmedSlot(table: { readonly slotGrantedAt: AnyPgColumn }): SQL {
  return sql`${table.slotGrantedAt} is not null`;
}

/** One row per operation. A store has at most one running and one pending operation, and a history of all. */
export const operations = pgTable(
  'operations',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    storeId: uuid('store_id')
      .notNull()
      .references(() => stores.id),
    tenantId: text('tenant_id').notNull(),
    /** The cluster of the store. The queue for tenant slots is ordered by it. */
    cluster: text('cluster').notNull(),
    kind: text('kind').$type<OperationKind>().notNull(),
    status: text('status').$type<OperationStatus>().notNull(),
    /** Whether the store's status comes from this operation: the newest that a run has taken up, or the first. */
    isCurrent: boolean('is_current').notNull(),
    workflowId: text('workflow_id').notNull(),
    /** Null until a workflow run takes the operation up. */
    runId: text('run_id'),
    /** The step that runs or ran last. */
    step: text('step').$type<Step>(),
    /** Actor that requested the operation, such as `user:<id>`, or `platform` if the platform began it. */
    requestedBy: text('requested_by').notNull(),
    correlationId: text('correlation_id').notNull(),
    /** Null for operations that were requested without a key. */
    idempotencyKey: text('idempotency_key'),
    /** Why the operation failed or is held. */
    failureCode: text('failure_code').$type<FailureCode>(),
    failureMessage: untrustedText('failure_message'),
    failureStep: text('failure_step').$type<Step>(),
    failureEvidence: document<Evidence>('failure_evidence'),
    /** When the operation began to wait for a tenant slot. */
    queuedSince: instant('queued_since'),
    /** When the operation was given a tenant slot while it waited. Null after its run has confirmed the slot. */
    slotGrantedAt: instant('slot_granted_at'),
    /** When a held run aborts without a decision. */
    heldUntil: instant('held_until'),
    cancelRequestedAt: instant('cancel_requested_at'),
    /** Only for a delete, with `volumePolicy`: its plan. The store keeps its own volume policy. */
    undeleteWindowSeconds: integer('undelete_window_seconds'),
    volumePolicy: document<VolumePolicy>('volume_policy'),
    /** Until when the delete can be undone. Null until its window opens. When data gets lost, it is in the past. */
    undeleteUntil: instant('undelete_until'),
    /** When the undelete was accepted. After it, no step of the delete starts. */
    undeleteRequestedAt: instant('undelete_requested_at'),
    /** How often the reconciler has started a lost run again, and when it did so last. */
    restarts: integer('restarts').notNull().default(0),
    restartedAt: instant('restarted_at'),
    requestedAt: instant('requested_at').notNull(),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    check('operations_kind', oneOf(table.kind, OPERATION_KINDS)),
    check('operations_status', oneOf(table.status, OPERATION_STATUSES)),
    check('operations_step', oneOf(table.step, STEPS)),
    check('operations_failure_code', oneOf(table.failureCode, FAILURE_CODES)),
    check(
      'operations_failed_says_why',
      sql`(${table.status} in ('failed', 'held')) = (${table.failureCode} is not null)`,
    ),
    check('operations_held_until', sql`(${table.status} = 'held') = (${table.heldUntil} is not null)`),
    check('operations_queued_since', sql`(${table.status} = 'queued') = (${table.queuedSince} is not null)`),
    check('operations_slot_granted_at', sql`${table.slotGrantedAt} is null or ${table.status} = 'running'`),
    check('operations_delete_plan', sql`(${table.kind} = 'delete') = (${table.undeleteWindowSeconds} is not null)`),
    check('operations_volume_policy', sql`(${table.kind} = 'delete') = (${table.volumePolicy} is not null)`),
    check('operations_undelete_until', sql`${table.undeleteUntil} is null or ${table.kind} = 'delete'`),
    check(
      'operations_undelete_requested_at',
      sql`${table.undeleteRequestedAt} is null or ${table.undeleteUntil} is not null`,
    ),
    check(
      'operations_ended_at',
      sql`(${table.status} in ('succeeded', 'failed', 'cancelled', 'superseded')) = (${table.endedAt} is not null)`,
    ),
    uniqueIndex('operations_current')
      .on(table.storeId)
      .where(sql`${table.isCurrent}`),
    uniqueIndex('operations_pending').on(table.storeId).where(isPending(table)),
    uniqueIndex('operations_running').on(table.storeId).where(isRunning(table)),
    index('operations_list').on(table.storeId, ...newestFirst(table.requestedAt, table.id)),
    // The newest operations of a tenant that succeeded: they say how long others will take.
    index('operations_succeeded')
      .on(table.tenantId, table.kind, table.endedAt)
      .where(sql`${table.status} = 'succeeded'`),
    // Statistics read the operations that ended in a range.
    index('operations_ended')
      .on(table.endedAt)
      .where(sql`${table.endedAt} is not null`),
    // The order of the queue: an operation that is queued longer comes first.
    index('operations_queued').on(table.tenantId, table.cluster, table.queuedSince, table.id).where(isQueued(table)),
    index('operations_slot_granted')
      .on(table.tenantId, table.cluster, table.slotGrantedAt)
      .where(hasUnconfirmedSlot(table)),
  ],
);
