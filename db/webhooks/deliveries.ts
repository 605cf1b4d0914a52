import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type {
  AttemptResult,
  DeliveryRecords,
  DeliveryToStart,
  LoadedDelivery,
} from '../../domain/ports/webhook-records.ts';
import type { DisabledReason } from '../../domain/webhooks.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Transaction } from '../connection/open-db.ts';
import { storeEvents } from '../schema/events.ts';
import { stores } from '../schema/stores.ts';
import { webhookDeliveries, webhookEndpoints } from '../schema/webhooks.ts';
import { eventOf } from '../stores/record.ts';
import { deliveryOf, webhookOf } from './rows.ts';

const TO_START = {
  deliveryId: webhookDeliveries.id,
  tenantId: webhookDeliveries.tenantId,
  webhookId: webhookDeliveries.webhookId,
  round: webhookDeliveries.round,
  attempts: webhookDeliveries.attempts,
};

/** Creates the records of the worker that delivers, on a database. */
export function createDeliveryRecords(db: Database): DeliveryRecords {
  function listUnstarted({ limit }: { readonly limit: number }): Promise<readonly DeliveryToStart[]> {
    return db
      .select(TO_START)
      .from(webhookDeliveries)
      .where(isNull(webhookDeliveries.startedAt))
      .orderBy(asc(webhookDeliveries.createdAt))
      .limit(limit);
  }

  function listOverdue({ dueBefore, limit }: Parameters<DeliveryRecords['listOverdue']>[0]) {
    const before = sql`${dueBefore.toISOString()}::timestamptz`;
    return db
      .select(TO_START)
      .from(webhookDeliveries)
      .where(
        and(
          isNull(webhookDeliveries.endedAt),
          sql`${webhookDeliveries.startedAt} < ${before}`,
          sql`coalesce(${webhookDeliveries.nextAttemptAt}, ${webhookDeliveries.startedAt}) < ${before}`,
        ),
      )
      .orderBy(asc(webhookDeliveries.startedAt))
      .limit(limit);
  }

  async function noteStarted({ deliveries, now }: Parameters<DeliveryRecords['noteStarted']>[0]) {
    if (deliveries.length === 0) return;
    const { id, round } = webhookDeliveries;
    const keys = deliveries.map((delivery) => sql`(${delivery.deliveryId}::uuid, ${delivery.round}::integer)`);
    await db
      .update(webhookDeliveries)
      .set({ startedAt: now })
      .where(sql`(${id}, ${round}) in (${sql.join(keys, sql`, `)})`);
  }

  return translatingConnectionErrors({
    listUnstarted,
    listOverdue,
    noteStarted,
    load: (deliveryId) => load(db, deliveryId),
    recordAttempt: (input) => db.transaction((tx) => recordAttempt(tx, input)),
  } satisfies DeliveryRecords);
}

async function load(db: Database, deliveryId: string): Promise<LoadedDelivery | undefined> {
  const [row] = await db
    .select({ delivery: webhookDeliveries, webhook: webhookEndpoints, event: storeEvents, store: stores })
    .from(webhookDeliveries)
    .innerJoin(webhookEndpoints, eq(webhookEndpoints.id, webhookDeliveries.webhookId))
    .leftJoin(
      storeEvents,
      and(eq(storeEvents.storeId, webhookDeliveries.storeId), eq(storeEvents.seq, webhookDeliveries.seq)),
    )
    .leftJoin(stores, eq(stores.id, storeEvents.storeId))
    .where(eq(webhookDeliveries.id, deliveryId));
  if (row === undefined) return undefined;
  const { delivery, webhook, event, store } = row;
  return {
    delivery: deliveryOf(delivery),
    webhook: webhook.deletedAt === null ? webhookOf(webhook) : null,
    event:
      event === null || store === null
        ? null
        : {
            store: { storeId: store.id, name: store.name, engine: store.engine, slug: store.slug },
            event: eventOf(event),
          },
  };
}

async function recordAttempt(
  tx: Transaction,
  input: Parameters<DeliveryRecords['recordAttempt']>[0],
): Promise<DisabledReason | null> {
  const { deliveryId, round, attempt, result, now } = input;
  const recorded = await tx
    .update(webhookDeliveries)
    .set({
      ...columnsOf(result, now),
      attempts: attempt,
      ...(result.state === 'cancelled' ? {} : { lastAttemptAt: now }),
    })
    .where(
      and(
        eq(webhookDeliveries.id, deliveryId),
        eq(webhookDeliveries.round, round),
        isNull(webhookDeliveries.endedAt),
        // An attempt that is already recorded is a repeated activity.
        sql`${webhookDeliveries.attempts} < ${attempt}`,
      ),
    )
    .returning({ id: webhookDeliveries.id });
  if (recorded.length === 0 || result.state === 'cancelled') return null;
  return result.state === 'delivered' ? noteSuccess(tx, input) : noteFailure(tx, input);
}

function columnsOf({ state, status, error, snippet, nextAttemptAt }: AttemptResult, now: Date) {
  return {
    state,
    lastStatus: status,
    lastError: error,
    responseSnippet: snippet,
    nextAttemptAt,
    endedAt: state === 'retrying' ? null : now,
  };
}

async function noteSuccess(
  tx: Transaction,
  { webhookId }: Parameters<DeliveryRecords['recordAttempt']>[0],
): Promise<null> {
  await tx
    .update(webhookEndpoints)
    .set({ failingSince: null })
    .where(and(eq(webhookEndpoints.id, webhookId), sql`${webhookEndpoints.failingSince} is not null`));
  return null;
}

async function noteFailure(
  tx: Transaction,
  { webhookId, result, disableIfFailingBefore, now }: Parameters<DeliveryRecords['recordAttempt']>[0],
): Promise<DisabledReason | null> {
  const reason: DisabledReason = result.isGone === true ? 'gone' : 'failing';
  const disabled = await tx
    .update(webhookEndpoints)
    .set({ status: 'disabled', disabledReason: reason, updatedAt: now })
    .where(
      and(
        eq(webhookEndpoints.id, webhookId),
        eq(webhookEndpoints.status, 'enabled'),
        reason === 'gone'
          ? undefined
          : sql`${webhookEndpoints.failingSince} < ${disableIfFailingBefore.toISOString()}::timestamptz`,
      ),
    )
    .returning({ id: webhookEndpoints.id });
  if (disabled.length > 0) return reason;
  await tx
    .update(webhookEndpoints)
    .set({ failingSince: now })
    .where(and(eq(webhookEndpoints.id, webhookId), isNull(webhookEndpoints.failingSince)));
  return null;
}
