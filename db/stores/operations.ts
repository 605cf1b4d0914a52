import { eq, sql } from 'drizzle-orm';
import { workflowIdOf } from '../../domain/names.ts';
import { holdsTenantSlot, operationSpec, type OperationKind } from '../../domain/operations/catalogue.ts';
import type { DeletePlan } from '../../domain/store/status.ts';
import type { Transaction } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { operations } from '../schema/operations.ts';
import type { OperationRecord, StoreRecord } from './record.ts';
import { countRunning, lockTenantSlots } from './tenant-quota.ts';
import type { OperationRun } from '../../domain/operations/inputs.ts';
import type { OperationFailure } from '../../domain/operations/outcomes.ts';

/** Columns that a change of an operation may set. */
export type OperationColumns = Partial<
  Omit<typeof operations.$inferInsert, 'id' | 'storeId' | 'tenantId' | 'cluster' | 'kind'>
>;

/** `requestedBy` of operations that no caller requested, such as a delete that was started in the Temporal Web UI. */
export const PLATFORM = 'platform';

/** Column values that clear the reason of a hold. */
export const HOLD_CLEARED = {
  failureCode: null,
  failureMessage: null,
  failureStep: null,
  failureEvidence: null,
  heldUntil: null,
} as const satisfies OperationColumns;

/** Returns the columns that record why an operation failed or is held. */
export function failureColumns({ code, message, step, evidence }: OperationFailure): OperationColumns {
  return { failureCode: code, failureMessage: message, failureStep: step, failureEvidence: evidence };
}

/**
 * Changes columns of an operation. A new status also changes the number of operations that hold a tenant slot, and takes
 * the operation out of the queue, unless `set` puts it there. Returns the operation after the change.
 */
export async function updateOperation(
  tx: Transaction,
  operation: OperationRecord,
  set: OperationColumns,
): Promise<OperationRecord> {
  if (set.status === undefined || !operationSpec(operation.kind).needsTenantSlot) {
    return writeOperation(tx, operation.id, set);
  }
  const before = await withSlotLocked(tx, operation);
  const updated = await writeOperation(tx, operation.id, { queuedSince: null, slotGrantedAt: null, ...set });
  await countRunning(tx, operation, Number(holdsTenantSlot(updated)) - Number(holdsTenantSlot(before)));
  return updated;
}

/**
 * Locks the row of the tenant in the cluster and reads an operation again. The lock of the store is not enough to trust `status` and
 * `queuedSince`: the end of another operation of the tenant can give this one a slot.
 */
export async function withSlotLocked(tx: Transaction, operation: OperationRecord): Promise<OperationRecord> {
  await lockTenantSlots(tx, operation);
  return readLocked(tx, operation);
}

/** Reads an operation again. The transaction holds the lock of `lockTenantSlots`. */
export async function readLocked(tx: Transaction, { id }: OperationRecord): Promise<OperationRecord> {
  const [fresh] = await selectOperation(tx).execute({ id });
  if (fresh === undefined) throw new Error(`operation ${id} has no row`);
  return fresh;
}

const selectOperation = oncePerConnection((queries) =>
  queries
    .select()
    .from(operations)
    .where(eq(operations.id, sql.placeholder('id')))
    .prepare('get_operation'),
);

async function writeOperation(tx: Transaction, operationId: string, set: OperationColumns): Promise<OperationRecord> {
  const [updated] = await tx.update(operations).set(set).where(eq(operations.id, operationId)).returning();
  if (updated === undefined) throw new Error(`operation ${operationId} has no row`);
  return updated;
}

/**
 * Adds a pending operation, which waits for a run to take it up. If the store has a pending operation of the same kind,
 * returns that one. A pending operation of another kind is superseded.
 */
export async function addPending(
  tx: Transaction,
  record: StoreRecord,
  request: {
    readonly kind: OperationKind;
    readonly requestedBy: string;
    readonly correlationId: string;
    /** Only for a delete. Defaults: no undelete window, and the volume policy of the store. */
    readonly plan?: Partial<DeletePlan> | undefined;
    readonly now: Date;
  },
): Promise<OperationRecord> {
  if (record.pending?.kind === request.kind) return record.pending;
  await supersede(tx, record.pending, request.now);
  const { kind, requestedBy, correlationId, plan, now } = request;
  const [added] = await tx
    .insert(operations)
    .values({
      storeId: record.id,
      tenantId: record.tenantId,
      cluster: record.cluster,
      kind,
      requestedBy,
      correlationId,
      status: 'requested',
      isCurrent: false,
      workflowId: workflowIdOf(record.id),
      requestedAt: now,
      ...(kind === 'delete' ? planColumns(record, plan) : {}),
    })
    .returning();
  if (added === undefined) throw new Error(`no operation was added to store ${record.id}`);
  return added;
}

function planColumns(record: StoreRecord, plan: Partial<DeletePlan> = {}): OperationColumns {
  return {
    undeleteWindowSeconds: plan.undeleteWindowSeconds ?? 0,
    volumePolicy: plan.volumes ?? record.volumePolicy ?? 'delete',
  };
}

/**
 * Makes the operation of a run the store's current one: the pending operation, or a new one if the run was started
 * without a request. A previous operation that has not ended is superseded.
 */
export async function takeUp(
  tx: Transaction,
  record: StoreRecord,
  run: OperationRun,
  { now, slot }: { readonly now: Date; readonly slot: OperationColumns },
): Promise<OperationRecord> {
  const { correlationId, kind, workflowId, runId } = run;
  const pending = await addPending(tx, record, { kind, requestedBy: PLATFORM, correlationId, now });
  if (record.operation.id !== pending.id) {
    if (record.operation.endedAt === null) await supersede(tx, record.operation, now);
    await updateOperation(tx, record.operation, { isCurrent: false });
  }
  return updateOperation(tx, pending, {
    isCurrent: true,
    ...slot,
    workflowId,
    runId,
    correlationId,
    startedAt: now,
  });
}

/** Ends an operation because another one replaces it. */
async function supersede(tx: Transaction, operation: OperationRecord | null, now: Date): Promise<void> {
  if (operation === null || operation.endedAt !== null) return;
  await updateOperation(tx, operation, { ...HOLD_CLEARED, status: 'superseded', endedAt: now });
}
