import { and, asc, eq, inArray, ne } from 'drizzle-orm';
import { OPERATION_KINDS, operationSpec } from '../../domain/operations/catalogue.ts';
import type { Transaction } from '../connection/open-db.ts';
import { isQueued, operations } from '../schema/operations.ts';
import { tenantQuotas } from '../schema/quotas.ts';
import { appendEvents } from '../stores/events.ts';
import type { OperationRecord, StoreRecord } from '../stores/record.ts';
import { updateOperation } from '../stores/operations.ts';
import { contextOf, lockStoreOf, runKey, runRelation } from './run.ts';
import type { ActivityInput, TenantSlotLimits } from '../../domain/operations/inputs.ts';
import type { TenantSlotResult } from '../../domain/operations/outcomes.ts';

/*
 * A tenant has a limited number of slots for operations. An operation without a slot is queued. The end of an operation
 * returns the store that was queued longest, and the workflow signals its run. No slot is reserved: the first run that
 * asks while a slot is free gets it, so a lost run does not block the others.
 */

/** Kinds of operations that need a tenant slot. */
const SLOT_KINDS = OPERATION_KINDS.filter((kind) => operationSpec(kind).needsTenantSlot);

/** Queues an operation that has just begun if `maxRunning` operations of its tenant are running already. */
export async function queueIfFull(
  tx: Transaction,
  record: StoreRecord,
  input: ActivityInput,
  options: TenantSlotLimits & { readonly now: Date },
): Promise<OperationRecord> {
  const { maxRunning, now } = options;
  const { operation } = record;
  if (!operationSpec(operation.kind).needsTenantSlot || (await hasFreeSlot(tx, operation, maxRunning)))
    return operation;
  const message = `The ${operation.kind} waits for a tenant slot: ${maxRunning} operations of the tenant are running`;
  const dedupeKey = `${runKey(input.run)}/queued`;
  await appendEvents(tx, contextOf(input, now), [
    { type: 'operation.queued', dedupeKey, status: record.status, message, data: { running: maxRunning } },
  ]);
  return updateOperation(tx, operation.id, { status: 'queued', queuedSince: now });
}

/** Gives a queued operation a slot if one is free. An operation that is not queued has its slot already. */
export async function acquireTenantSlot(
  tx: Transaction,
  input: ActivityInput,
  { maxRunning }: TenantSlotLimits,
): Promise<TenantSlotResult> {
  const record = await lockStoreOf(tx, input);
  const { operation } = record;
  if (operation.queuedSince === null || (await runRelation(tx, record, input.run)) === 'past')
    return { acquired: true };
  if (!(await hasFreeSlot(tx, operation, maxRunning))) return { acquired: false };
  await updateOperation(tx, operation.id, { status: 'running', queuedSince: null });
  return { acquired: true };
}

/** Returns the id of the tenant's store whose operation has been queued longest. */
export async function longestQueued(tx: Transaction, tenantId: string): Promise<string | undefined> {
  const [first] = await tx
    .select({ storeId: operations.storeId })
    .from(operations)
    .where(and(eq(operations.tenantId, tenantId), isQueued(operations)))
    .orderBy(asc(operations.queuedSince), asc(operations.storeId))
    .limit(1);
  return first?.storeId;
}

/** Runs under the lock of the tenant's quota row, so that no two operations get the same slot. */
async function hasFreeSlot(tx: Transaction, { tenantId, id }: OperationRecord, maxRunning: number): Promise<boolean> {
  await tx.select().from(tenantQuotas).where(eq(tenantQuotas.tenantId, tenantId)).for('update');
  const running = await tx
    .select({ id: operations.id })
    .from(operations)
    .where(
      and(
        eq(operations.tenantId, tenantId),
        inArray(operations.kind, SLOT_KINDS),
        eq(operations.status, 'running'),
        ne(operations.id, id),
      ),
    )
    .limit(maxRunning);
  return running.length < maxRunning;
}
