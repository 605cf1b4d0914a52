import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import { operationSpec, type OperationKind } from '../../domain/operations/catalogue.ts';
import { noteChange } from '../connection/changes.ts';
import type { Transaction } from '../connection/open-db.ts';
import { oncePerConnection } from '../connection/session.ts';
import { hasUnconfirmedSlot, isQueued, operations } from '../schema/operations.ts';
import { appendEvents } from '../stores/events.ts';
import type { OperationRecord, StoreRecord } from '../stores/record.ts';
import { readLocked, updateOperation, withSlotLocked, type OperationColumns } from '../stores/operations.ts';
import { countRunning, lockTenantSlots, type TenantInCluster, type TenantSlots } from '../stores/tenant-quota.ts';
import { contextOf, lockStoreOf, runRelation } from './run.ts';
import type { ActivityInput, TenantSlotLimits } from '../../domain/operations/inputs.ts';
import type { TenantSlotResult } from '../../domain/operations/outcomes.ts';

/*
 * A tenant has a limited number of slots for operations in each cluster. An operation that finds no free slot, or that finds others in
 * the queue, is queued. The transaction that frees a slot gives it to the operation that was queued longest. The record
 * decides this, so a run that is signalled never loses its slot to a newer one.
 */

/** Number of operations that one transaction gives a slot. It bounds the rows that the transaction changes. */
const GRANTS_AT_ONCE = 10;

/** Placeholders: `tenantId` and `cluster`. */
const isOfTenant = and(
  eq(operations.tenantId, sql.placeholder('tenantId')),
  eq(operations.cluster, sql.placeholder('cluster')),
);

export type SlotLimits = TenantSlotLimits & { readonly now: Date };

/** Column values of an operation that runs without a request for a slot. */
export const RUNNING = { status: 'running' } as const satisfies OperationColumns;

/** Returns the columns of an operation that asks for a slot: it runs, or it is queued behind all others. */
export async function requestSlot(
  tx: Transaction,
  tenant: TenantInCluster,
  kind: OperationKind,
  { maxRunning, now }: SlotLimits,
): Promise<Pick<OperationColumns, 'status' | 'queuedSince'>> {
  if (!operationSpec(kind).needsTenantSlot) return RUNNING;
  const slots = await lockTenantSlots(tx, tenant);
  if (slots.running < (slots.maxRunning ?? maxRunning) && (await oldestQueued(tx, tenant, 1)).length === 0)
    return RUNNING;
  return { status: 'queued', queuedSince: now };
}

/** Returns the columns of an operation that keeps its slot, or its place in the queue. */
export async function keepSlotOrPlace(tx: Transaction, operation: OperationRecord): Promise<OperationColumns> {
  if (operation.status !== 'queued') return RUNNING;
  const { status, queuedSince } = await withSlotLocked(tx, operation);
  return status === 'queued' ? { status, queuedSince } : RUNNING;
}

/**
 * Gives the free slots of a tenant in a cluster to the operations that were queued longest.
 *
 * @returns the ids of the stores whose runs must be signalled: each has a slot that its run has not confirmed. A repeated
 *   call returns them again, so a signal that was lost with its sender is sent by the next one.
 */
export async function grantSlots(
  tx: Transaction,
  tenant: TenantInCluster,
  limits: SlotLimits,
): Promise<readonly string[]> {
  return grantLocked(tx, tenant, await lockTenantSlots(tx, tenant), limits);
}

/** Like {@link grantSlots}, in a transaction that has locked `slots` already. */
async function grantLocked(
  tx: Transaction,
  tenant: TenantInCluster,
  slots: TenantSlots,
  { maxRunning, now }: SlotLimits,
): Promise<readonly string[]> {
  const free = (slots.maxRunning ?? maxRunning) - slots.running;
  const next = free <= 0 ? [] : await oldestQueued(tx, tenant, Math.min(free, GRANTS_AT_ONCE));
  if (next.length > 0) {
    await tx
      .update(operations)
      .set({ ...RUNNING, queuedSince: null, slotGrantedAt: now })
      .where(inArray(operations.id, next));
    await countRunning(tx, tenant, next.length);
  }
  const { tenantId, cluster } = tenant;
  const unconfirmed = await selectUnconfirmed(tx).execute({ tenantId, cluster });
  // The operations have no event about their slot, but those who wait for them see it at once.
  if (next.length > 0) for (const { storeId } of unconfirmed) noteChange(tx, { storeId, tenantId });
  return unconfirmed.map(({ storeId }) => storeId);
}

const selectUnconfirmed = oncePerConnection((queries) =>
  queries
    .select({ storeId: operations.storeId })
    .from(operations)
    .where(and(isOfTenant, hasUnconfirmedSlot(operations)))
    .orderBy(desc(operations.slotGrantedAt))
    .limit(GRANTS_AT_ONCE)
    .prepare('unconfirmed_slots'),
);

/**
 * Gives free slots to the queue after `operation` was queued, and writes the event if the operation still waits.
 *
 * @returns the operation, and the stores whose runs must be signalled.
 */
export async function settleQueue(
  tx: Transaction,
  record: StoreRecord,
  {
    input,
    dedupeKey,
    limits,
  }: { readonly input: ActivityInput; readonly dedupeKey: string; readonly limits: SlotLimits },
): Promise<{ readonly operation: OperationRecord; readonly nextInQueue: readonly string[] }> {
  const slots = await lockTenantSlots(tx, record);
  const granted = await grantLocked(tx, record, slots, limits);
  const operation = await confirmLocked(tx, record.operation);
  if (operation.status === 'queued') {
    const { now } = limits;
    const maxRunning = slots.maxRunning ?? limits.maxRunning;
    const message = `The ${operation.kind} waits for a tenant slot: at most ${maxRunning} operations of a tenant run at once in a cluster`;
    await appendEvents(tx, contextOf(input, operation, now), [
      { type: 'operation.queued', dedupeKey, status: record.status, message, data: { limit: maxRunning } },
    ]);
  }
  return { operation, nextInQueue: granted.filter((storeId) => storeId !== record.id) };
}

/** Returns whether the run of a queued operation has a slot now. Gives free slots to the operations that wait longest. */
export async function acquireTenantSlot(
  tx: Transaction,
  input: ActivityInput,
  limits: SlotLimits,
): Promise<TenantSlotResult> {
  const record = await lockStoreOf(tx, input);
  if ((await runRelation(tx, record, input.run)) === 'past') return { acquired: true };
  const granted = await grantSlots(tx, record, limits);
  const { status } = await confirmLocked(tx, record.operation);
  const others = granted.filter((storeId) => storeId !== record.id);
  return { acquired: status !== 'queued', ...nextInQueueOf(others) };
}

/** Returns the property for results. It is missing when no run must be signalled. */
export function nextInQueueOf(storeIds: readonly string[]): { readonly nextInQueue?: readonly string[] } {
  return storeIds.length === 0 ? {} : { nextInQueue: storeIds };
}

/** Reads an operation again and records that its run knows about its slot. */
export async function confirmSlot(tx: Transaction, operation: OperationRecord): Promise<OperationRecord> {
  if (!operationSpec(operation.kind).needsTenantSlot) return operation;
  await lockTenantSlots(tx, operation);
  return confirmLocked(tx, operation);
}

/** Like {@link confirmSlot}, in a transaction that has locked the slots of the tenant already. */
async function confirmLocked(tx: Transaction, operation: OperationRecord): Promise<OperationRecord> {
  const fresh = await readLocked(tx, operation);
  return fresh.slotGrantedAt === null ? fresh : updateOperation(tx, fresh, { slotGrantedAt: null });
}

/** Returns the operations of a tenant in a cluster that were queued longest, in the order of their index. */
async function oldestQueued(tx: Transaction, { tenantId, cluster }: TenantInCluster, limit: number): Promise<string[]> {
  const rows = await selectQueued(tx).execute({ tenantId, cluster, limit });
  return rows.map(({ id }) => id);
}

const selectQueued = oncePerConnection((queries) =>
  queries
    .select({ id: operations.id })
    .from(operations)
    .where(and(isOfTenant, isQueued(operations)))
    .orderBy(asc(operations.queuedSince), asc(operations.id))
    .limit(sql.placeholder('limit'))
    .prepare('queued_operations'),
);
