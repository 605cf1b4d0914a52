import { and, eq, isNull } from 'drizzle-orm';
import { workflowIdOf } from '../../domain/names.ts';
import type { OperationKind } from '../../domain/operations/catalogue.ts';
import type { Transaction } from '../connection/open-db.ts';
import { operations } from '../schema/operations.ts';
import type { OperationRecord, StoreRecord } from './record.ts';
import type { OperationRun } from '../../domain/operations/inputs.ts';
import type { OperationFailure } from '../../domain/operations/outcomes.ts';

/** What a change of an operation may set. */
export type OperationColumns = Partial<Omit<typeof operations.$inferInsert, 'id' | 'storeId' | 'tenantId' | 'kind'>>;

/** `requestedBy` of operations that no caller asked for, such as a delete that was started from the Temporal Web UI. */
export const PLATFORM = 'platform';

/** Clears why an operation is held. */
export const HOLD_CLEARED = {
  failureCode: null,
  failureMessage: null,
  failureStep: null,
  failureEvidence: null,
  heldUntil: null,
} as const satisfies OperationColumns;

/** The columns that keep why an operation failed or is held. */
export function failureColumns({ code, message, step, evidence }: OperationFailure): OperationColumns {
  return { failureCode: code, failureMessage: message, failureStep: step, failureEvidence: evidence };
}

/** @returns the operation as it is after the change. */
export async function updateOperation(
  tx: Transaction,
  operationId: string,
  set: OperationColumns,
): Promise<OperationRecord> {
  const [updated] = await tx.update(operations).set(set).where(eq(operations.id, operationId)).returning();
  if (updated === undefined) throw new Error(`operation ${operationId} has no row`);
  return updated;
}

/**
 * Adds an operation that waits for a run to take it up. One that waits already is superseded, unless it is of the same
 * kind: then it is the one that is returned.
 */
export async function addPending(
  tx: Transaction,
  record: StoreRecord,
  request: {
    readonly kind: OperationKind;
    readonly requestedBy: string;
    readonly correlationId: string;
    readonly now: Date;
  },
): Promise<OperationRecord> {
  if (record.pending?.kind === request.kind) return record.pending;
  await supersede(tx, record.pending, request.now);
  const { kind, requestedBy, correlationId, now } = request;
  const [added] = await tx
    .insert(operations)
    .values({
      storeId: record.id,
      tenantId: record.tenantId,
      kind,
      requestedBy,
      correlationId,
      status: 'requested',
      isCurrent: false,
      workflowId: workflowIdOf(record.id),
      requestedAt: now,
    })
    .returning();
  if (added === undefined) throw new Error(`no operation was added to store ${record.id}`);
  return added;
}

/**
 * Makes the operation of a run the store's current one: the operation that waited for a run, or a new one when the run was
 * started without a request. What ran before and has not ended is superseded.
 */
export async function takeUp(
  tx: Transaction,
  record: StoreRecord,
  run: OperationRun,
  now: Date,
): Promise<OperationRecord> {
  const { correlationId, kind, workflowId, runId } = run;
  const pending = await addPending(tx, record, { kind, requestedBy: PLATFORM, correlationId, now });
  if (record.operation.id !== pending.id) {
    if (record.operation.endedAt === null) await supersede(tx, record.operation, now);
    await updateOperation(tx, record.operation.id, { isCurrent: false });
  }
  return updateOperation(tx, pending.id, {
    isCurrent: true,
    status: 'running',
    workflowId,
    runId,
    correlationId,
    startedAt: now,
  });
}

/** Ends an operation whose place another one takes. */
async function supersede(tx: Transaction, operation: OperationRecord | null, now: Date): Promise<void> {
  if (operation === null) return;
  await tx
    .update(operations)
    .set({ ...HOLD_CLEARED, status: 'superseded', queuedSince: null, endedAt: now })
    .where(and(eq(operations.id, operation.id), isNull(operations.endedAt)));
}
