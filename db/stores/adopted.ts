import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { PROVISION_STEPS } from '../../domain/operations/catalogue.ts';
import type { AdoptedStore } from '../../domain/ports/unaccounted-records.ts';
import type { Transaction } from '../connection/open-db.ts';
import { operations } from '../schema/operations.ts';
import { tenantClusters, tenantQuotas } from '../schema/quotas.ts';
import { stores } from '../schema/stores.ts';
import { appendEvents } from './events.ts';
import { PLATFORM } from './operations.ts';

/** Request hash of an adopted store: the body of its create request is not known. */
export const ADOPTED_HASH = 'adopted';

/**
 * Inserts an adopted store with its provision, its first event and its place in the quota.
 *
 * @returns false if the store or its namespace has a record already. Nothing has changed then.
 */
export async function insertAdopted(tx: Transaction, adopted: AdoptedStore, now: Date): Promise<boolean> {
  const { target, run, readyAt } = adopted;
  const { storeId: id, tenantId } = target;
  // Not ASCII, so no request has this key. The real key is not known, but the store id was computed from it.
  const idempotencyKey = `adopted·${id}`;
  const status = readyAt === null ? 'failed' : 'ready';
  const inserted = await tx
    .insert(stores)
    .values({
      id,
      tenantId,
      idempotencyKey,
      requestHash: ADOPTED_HASH,
      name: target.name,
      engine: target.engine,
      cluster: target.cluster,
      status,
      slug: target.releaseName,
      namespace: target.namespace,
      releaseName: target.releaseName,
      host: target.host,
      storefrontUrl: adopted.storefrontUrl,
      adminUrl: adopted.adminUrl,
      chartVersion: adopted.chartVersion,
      nodes: adopted.nodes,
      onFailure: target.onFailure ?? 'cleanup',
      overrides: target.overrides ?? null,
      volumePolicy: target.volumePolicy ?? null,
      lastSeq: 0,
      createdAt: adopted.createdAt,
      updatedAt: now,
      // A failed store without it would have no data, and its leftovers would be removed.
      readyAt: readyAt ?? now,
    })
    .onConflictDoNothing()
    .returning({ id: stores.id });
  if (inserted.length === 0) return false;
  const operation = {
    id: randomUUID(),
    storeId: id,
    tenantId,
    cluster: target.cluster,
    kind: 'provision' as const,
    isCurrent: true,
    ...run,
    step: PROVISION_STEPS.at(-1) ?? null,
    requestedBy: PLATFORM,
    idempotencyKey,
    ...(readyAt === null ? UNFINISHED : { status: 'succeeded' as const }),
    requestedAt: adopted.createdAt,
    startedAt: now,
    endedAt: now,
  } satisfies typeof operations.$inferInsert;
  await tx.insert(operations).values(operation);
  const { correlationId } = run;
  await appendEvents(tx, { storeId: id, tenantId, correlationId, operationId: operation.id, now }, [
    {
      type: 'store.adopted',
      dedupeKey: 'store.adopted',
      status,
      message: 'The store had no record. An operator adopted it from its namespace',
      data: { namespace: target.namespace },
    },
  ]);
  await countStore(tx, target, now);
  return true;
}

const UNFINISHED = {
  status: 'failed',
  failureCode: 'ADOPTED_UNFINISHED',
  failureMessage: 'The namespace does not say that the store was ever ready. A retry of the provision keeps its data',
} as const;

/** Counts a store in its tenant's quota and in its cluster without a limit: it exists already. */
async function countStore(tx: Transaction, { tenantId, cluster }: AdoptedStore['target'], now: Date): Promise<void> {
  await tx
    .insert(tenantQuotas)
    .values({ tenantId, liveStores: 1, updatedAt: now })
    .onConflictDoUpdate({
      target: tenantQuotas.tenantId,
      set: { liveStores: sql`${tenantQuotas.liveStores} + 1`, updatedAt: now },
    });
  await tx
    .insert(tenantClusters)
    .values({ tenantId, cluster, liveStores: 1 })
    .onConflictDoUpdate({
      target: [tenantClusters.tenantId, tenantClusters.cluster],
      set: { liveStores: sql`${tenantClusters.liveStores} + 1` },
    });
}
