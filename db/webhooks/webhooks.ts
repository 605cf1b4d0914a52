import { and, count, desc, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { ListPosition } from '../../domain/list-position.ts';
import type {
  ChangeWebhookResult,
  CreateWebhookInput,
  CreateWebhookResult,
  WebhookChange,
  WebhookKey,
  WebhookRecord,
  WebhookRecords,
  WebhookWork,
} from '../../domain/ports/webhook-records.ts';
import { activeSecrets, MAX_WEBHOOKS_PER_TENANT, rotateSecrets } from '../../domain/webhooks.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Queries, Transaction } from '../connection/open-db.ts';
import { webhookEndpoints } from '../schema/webhooks.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import { versionOf } from '../stores/record.ts';
import { holdTenantQuota } from '../stores/tenant-quota.ts';
import { createIdempotentRequests } from '../tenancy/idempotency.ts';
import { addPing, listDeliveries, redeliver } from './delivery-requests.ts';
import { pageOf, webhookOf } from './rows.ts';

/** Creates the records of webhooks on a database. Row-level security hides the webhooks of all other tenants from each query. */
export function createWebhookRecords(db: Database): WebhookRecords {
  const { asTenant } = db;

  function inTenant<Value>(tenantId: string, work: (records: WebhookWork) => Promise<Value>): Promise<Value> {
    return asTenant.transaction(tenantId, (tx) => work(webhookWork(tx)));
  }

  const requests = createIdempotentRequests<WebhookWork>(({ tenantId }, work) => {
    if (tenantId === null) throw new Error('a request about a webhook has no tenant');
    return asTenant.transaction(tenantId, work);
  }, webhookWork);
  const records = translatingConnectionErrors({
    create: (input) => inTenant(input.tenantId, (work) => work.create(input)),
    change: (input) => inTenant(input.tenantId, (work) => work.change(input)),
    ping: (input) => inTenant(input.tenantId, (work) => work.ping(input)),
    redeliver: (input) => inTenant(input.tenantId, (work) => work.redeliver(input)),
    get: async (key) => {
      const [webhook] = await asTenant.query(key.tenantId, (queries) => find(queries, key));
      return webhook === undefined ? undefined : webhookOf(webhook);
    },
    list: (input) => asTenant.query(input.tenantId, (queries) => list(queries, input)),
    delete: (input) => asTenant.query(input.tenantId, (queries) => remove(queries, input)),
    listDeliveries: (input) =>
      asTenant.transaction(input.tenantId, async (tx) => {
        const [webhook] = await find(tx, input);
        return webhook === undefined ? undefined : listDeliveries(tx, input);
      }),
  } satisfies Omit<WebhookRecords, 'once'>);
  return { ...records, ...requests };
}

/** Returns the changes of webhooks within a transaction of their tenant. */
function webhookWork(tx: Transaction): WebhookWork {
  async function lockedStatus(key: WebhookKey): Promise<WebhookRecord['status'] | 'webhookNotFound'> {
    const [webhook] = await find(tx, key).for('update');
    return webhook?.status ?? 'webhookNotFound';
  }

  return {
    create: (input) => create(tx, input),
    change: (input) => change(tx, input),
    ping: async (input) => {
      const kind = await lockedStatus(input);
      return kind === 'enabled' ? { kind: 'accepted', delivery: await addPing(tx, input) } : { kind };
    },
    redeliver: async (input) => {
      const kind = await lockedStatus(input);
      return kind === 'enabled' ? redeliver(tx, input) : { kind };
    },
  };
}

/** Returns a query for a webhook that is not deleted. */
function find(db: Queries | Transaction, { tenantId, webhookId }: WebhookKey) {
  return db
    .select()
    .from(webhookEndpoints)
    .where(
      and(eq(webhookEndpoints.id, webhookId), ofTenant(webhookEndpoints, tenantId), isNull(webhookEndpoints.deletedAt)),
    );
}

async function create(tx: Transaction, input: CreateWebhookInput): Promise<CreateWebhookResult> {
  const { tenantId, sealedSecret, now, ...columns } = input;
  // Two creates of a tenant at the same time would both see room for one more webhook.
  await holdTenantQuota(tx, tenantId, now);
  const [counted] = await tx
    .select({ total: count() })
    .from(webhookEndpoints)
    .where(and(ofTenant(webhookEndpoints, tenantId), isNull(webhookEndpoints.deletedAt)));
  if ((counted?.total ?? 0) >= MAX_WEBHOOKS_PER_TENANT) return { kind: 'limitReached', limit: MAX_WEBHOOKS_PER_TENANT };
  const [row] = await tx
    .insert(webhookEndpoints)
    .values({
      ...columns,
      tenantId,
      status: 'enabled',
      secrets: [{ sealed: sealedSecret, createdAt: now.toISOString(), expiresAt: null }],
      createdAt: now,
      updatedAt: now,
    })
    .returning();
  if (row === undefined) throw new Error(`the webhook ${input.id} was not inserted`);
  return { kind: 'created', webhook: webhookOf(row) };
}

async function list(db: Queries, { tenantId, limit, after }: Parameters<WebhookRecords['list']>[0]) {
  const rows = await db
    .select()
    .from(webhookEndpoints)
    .where(and(ofTenant(webhookEndpoints, tenantId), isNull(webhookEndpoints.deletedAt), isAfter(after)))
    .orderBy(desc(webhookEndpoints.createdAt), desc(webhookEndpoints.id))
    .limit(limit + 1);
  const { page, next } = pageOf(rows, limit);
  return { webhooks: page.map(webhookOf), next };
}

function isAfter(after: ListPosition | undefined): SQL | undefined {
  if (after === undefined) return undefined;
  const { createdAt, id } = webhookEndpoints;
  return sql`(${createdAt}, ${id}) < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`;
}

async function change(tx: Transaction, input: Parameters<WebhookRecords['change']>[0]): Promise<ChangeWebhookResult> {
  const [row] = await find(tx, input).for('update');
  if (row === undefined) return { kind: 'notFound' };
  const current = webhookOf(row);
  if (input.versions?.includes(versionOf(current)) === false) return { kind: 'stale' };
  const [changed] = await tx
    .update(webhookEndpoints)
    .set({ ...columnsOf(current, input.change, input.now), updatedAt: input.now })
    .where(eq(webhookEndpoints.id, input.webhookId))
    .returning();
  if (changed === undefined) throw new Error(`the webhook ${input.webhookId} was not changed`);
  return { kind: 'changed', webhook: webhookOf(changed) };
}

function columnsOf(current: WebhookRecord, wanted: WebhookChange, now: Date) {
  const { sealedSecret, status, url, eventTypes, description } = wanted;
  return {
    ...(url === undefined ? {} : { url }),
    ...(eventTypes === undefined ? {} : { eventTypes }),
    ...(description === undefined ? {} : { description }),
    ...(status === undefined || status === current.status ? {} : statusColumns(status)),
    secrets:
      sealedSecret === undefined
        ? activeSecrets(current.secrets, now)
        : rotateSecrets(current.secrets, { sealed: sealedSecret, now }),
  };
}

function statusColumns(status: WebhookRecord['status']) {
  return status === 'enabled'
    ? ({ status, disabledReason: null, failingSince: null } as const)
    : ({ status, disabledReason: 'requested' } as const);
}

/** The row stays: the deliveries refer to it. Its secrets are erased now. */
async function remove(db: Queries, { tenantId, webhookId, now }: Parameters<WebhookRecords['delete']>[0]) {
  const deleted = await db
    .update(webhookEndpoints)
    .set({ status: 'disabled', disabledReason: 'requested', secrets: [], deletedAt: now, updatedAt: now })
    .where(
      and(eq(webhookEndpoints.id, webhookId), ofTenant(webhookEndpoints, tenantId), isNull(webhookEndpoints.deletedAt)),
    )
    .returning({ id: webhookEndpoints.id });
  return deleted.length > 0;
}
