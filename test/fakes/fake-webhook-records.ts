import type { ListPosition } from '../../domain/list-position.ts';
import type {
  ChangeWebhookResult,
  CreateWebhookInput,
  CreateWebhookResult,
  DeliveryRecord,
  PingResult,
  RedeliverResult,
  WebhookKey,
  WebhookRecord,
  WebhookRecords,
  WebhookWork,
} from '../../domain/ports/webhook-records.ts';
import type { IdempotentRequest, IdempotentResult, OnceResult } from '../../domain/ports/idempotent-requests.ts';
import { MAX_WEBHOOKS_PER_TENANT, PING, rotateSecrets } from '../../domain/webhooks.ts';
import { versionOf } from '../../db/stores/record.ts';
import { MemoryIdempotentRequests } from './memory-idempotent-requests.ts';

interface KeptWebhook {
  readonly webhook: WebhookRecord;
  readonly isDeleted: boolean;
}

/** The records of webhooks in memory, with the same answers as the database gives. */
export class FakeWebhookRecords implements WebhookRecords {
  readonly #webhooks: KeptWebhook[] = [];
  /** Oldest first. A test may change them. */
  readonly deliveries: DeliveryRecord[] = [];
  readonly #requests = new MemoryIdempotentRequests<never>();

  once<Value>(
    request: IdempotentRequest,
    work: (records: WebhookWork) => Promise<IdempotentResult<Value>>,
  ): Promise<OnceResult<Value>> {
    return this.#requests.once(request, () => work(this));
  }

  async create(input: CreateWebhookInput): Promise<CreateWebhookResult> {
    const { tenantId, sealedSecret, now, ...columns } = input;
    if (this.#of(tenantId).length >= MAX_WEBHOOKS_PER_TENANT) {
      return { kind: 'limitReached', limit: MAX_WEBHOOKS_PER_TENANT };
    }
    const webhook: WebhookRecord = {
      ...columns,
      tenantId,
      status: 'enabled',
      disabledReason: null,
      failingSince: null,
      secrets: [{ sealed: sealedSecret, createdAt: now.toISOString(), expiresAt: null }],
      createdAt: now,
      updatedAt: now,
    };
    this.#webhooks.push({ webhook, isDeleted: false });
    return { kind: 'created', webhook };
  }

  async get({ tenantId, webhookId }: WebhookKey): Promise<WebhookRecord | undefined> {
    return this.#of(tenantId).find(({ id }) => id === webhookId);
  }

  async list({ tenantId, limit, after }: Parameters<WebhookRecords['list']>[0]) {
    const { page, next } = pageOf(this.#of(tenantId), limit, after);
    return { webhooks: page, next };
  }

  async change({
    change,
    versions,
    now,
    ...key
  }: Parameters<WebhookRecords['change']>[0]): Promise<ChangeWebhookResult> {
    const current = await this.get(key);
    if (current === undefined) return { kind: 'notFound' };
    if (versions?.includes(versionOf(current)) === false) return { kind: 'stale' };
    const { sealedSecret, status, url, eventTypes, description } = change;
    const webhook: WebhookRecord = {
      ...current,
      url: url ?? current.url,
      eventTypes: eventTypes === undefined ? current.eventTypes : eventTypes,
      description: description ?? current.description,
      status: status ?? current.status,
      disabledReason: status === undefined ? current.disabledReason : status === 'enabled' ? null : 'requested',
      secrets:
        sealedSecret === undefined ? current.secrets : rotateSecrets(current.secrets, { sealed: sealedSecret, now }),
      updatedAt: now,
    };
    this.#replace(webhook);
    return { kind: 'changed', webhook };
  }

  async delete(key: WebhookKey): Promise<boolean> {
    const webhook = await this.get(key);
    if (webhook === undefined) return false;
    this.#replace({ ...webhook, status: 'disabled', disabledReason: 'requested', secrets: [] }, true);
    return true;
  }

  async listDeliveries({ state, limit, after, ...key }: Parameters<WebhookRecords['listDeliveries']>[0]) {
    if ((await this.get(key)) === undefined) return undefined;
    const matching = this.deliveries.filter(
      (delivery) => delivery.webhookId === key.webhookId && (state === undefined || delivery.state === state),
    );
    const { page, next } = pageOf(matching, limit, after);
    return { deliveries: page, next };
  }

  async ping({ deliveryId, now, ...key }: Parameters<WebhookRecords['ping']>[0]): Promise<PingResult> {
    const webhook = await this.get(key);
    if (webhook === undefined) return { kind: 'webhookNotFound' };
    if (webhook.status === 'disabled') return { kind: 'disabled' };
    const delivery: DeliveryRecord = {
      ...key,
      id: deliveryId,
      messageId: `msg_${deliveryId}`,
      type: PING,
      storeId: null,
      seq: null,
      state: 'pending',
      round: 1,
      attempts: 0,
      lastAttemptAt: null,
      lastStatus: null,
      lastError: null,
      responseSnippet: null,
      nextAttemptAt: null,
      createdAt: now,
      endedAt: null,
    };
    this.deliveries.push(delivery);
    return { kind: 'accepted', delivery };
  }

  async redeliver({ deliveryId, ...key }: Parameters<WebhookRecords['redeliver']>[0]): Promise<RedeliverResult> {
    const webhook = await this.get(key);
    if (webhook === undefined) return { kind: 'webhookNotFound' };
    if (webhook.status === 'disabled') return { kind: 'disabled' };
    const index = this.deliveries.findIndex(({ id, webhookId }) => id === deliveryId && webhookId === key.webhookId);
    const delivery = this.deliveries[index];
    if (delivery === undefined) return { kind: 'deliveryNotFound' };
    if (delivery.endedAt === null) return { kind: 'open', delivery };
    const renewed: DeliveryRecord = {
      ...delivery,
      state: 'pending',
      round: delivery.round + 1,
      attempts: 0,
      nextAttemptAt: null,
      endedAt: null,
    };
    this.deliveries[index] = renewed;
    return { kind: 'accepted', delivery: renewed };
  }

  #of(tenantId: string): readonly WebhookRecord[] {
    return this.#webhooks
      .filter(({ webhook, isDeleted }) => webhook.tenantId === tenantId && !isDeleted)
      .map(({ webhook }) => webhook);
  }

  #replace(webhook: WebhookRecord, isDeleted = false): void {
    const index = this.#webhooks.findIndex((kept) => kept.webhook.id === webhook.id);
    const kept = this.#webhooks[index];
    if (kept !== undefined) this.#webhooks[index] = { ...kept, webhook, isDeleted };
  }
}

/** Returns the page after a position, newest first. */
function pageOf<Row extends ListPosition>(rows: readonly Row[], limit: number, after: ListPosition | undefined) {
  const sorted = rows.toSorted((one, other) => (isBefore(one, other) ? 1 : -1));
  const rest = after === undefined ? sorted : sorted.filter((row) => isBefore(row, after));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = rest.length > limit && last !== undefined ? { createdAt: last.createdAt, id: last.id } : null;
  return { page, next };
}

function isBefore(one: ListPosition, other: ListPosition): boolean {
  const difference = one.createdAt.getTime() - other.createdAt.getTime();
  return difference === 0 ? one.id < other.id : difference < 0;
}
