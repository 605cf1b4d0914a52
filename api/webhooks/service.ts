import { assertNever } from '../../domain/assert-never.ts';
import type { ListPosition } from '../../domain/list-position.ts';
import type {
  DeliveryRecord,
  RedeliverResult,
  WebhookChange,
  WebhookRecord,
  WebhookRecords,
} from '../../domain/ports/webhook-records.ts';
import type { DeliveryState, WebhookStatus } from '../../domain/webhooks.ts';
import type { AddressPolicy } from '../../webhooks/address-policy.ts';
import { newSecret, type SecretBox } from '../../webhooks/secrets.ts';
import type { CreateWebhookBody } from '../contract/webhook.ts';
import { Problem } from '../problems/problem.ts';
import type { RequestContext } from '../stores/context.ts';
import { requestHashOf } from './idempotency.ts';

/** A webhook, and its newest secret in plain text. */
export interface RevealedWebhook {
  readonly webhook: WebhookRecord;
  readonly secret: string;
}

interface Page {
  readonly limit: number;
  readonly after?: ListPosition | undefined;
}

/** The requests behind the routes. Each throws Problem for what the caller may know. */
export interface WebhookService {
  readonly now: () => Date;
  create(
    request: RequestContext,
    input: { readonly idempotencyKey: string; readonly body: CreateWebhookBody },
  ): Promise<RevealedWebhook & { readonly replayed: boolean }>;
  get(request: RequestContext, webhookId: string): Promise<WebhookRecord>;
  list(request: RequestContext, page: Page): ReturnType<WebhookRecords['list']>;
  update(
    request: RequestContext,
    webhookId: string,
    change: Pick<WebhookChange, 'url' | 'eventTypes' | 'description'>,
  ): Promise<WebhookRecord>;
  setStatus(request: RequestContext, webhookId: string, status: WebhookStatus): Promise<WebhookRecord>;
  rotateSecret(request: RequestContext, webhookId: string): Promise<RevealedWebhook>;
  delete(request: RequestContext, webhookId: string): Promise<void>;
  listDeliveries(
    request: RequestContext,
    webhookId: string,
    query: Page & { readonly state?: DeliveryState | undefined },
  ): Promise<{ readonly deliveries: readonly DeliveryRecord[]; readonly next: ListPosition | null }>;
  test(request: RequestContext, webhookId: string): Promise<DeliveryRecord>;
  redeliver(request: RequestContext, webhookId: string, deliveryId: string): Promise<DeliveryRecord>;
}

export interface WebhookServiceOptions {
  readonly records: WebhookRecords;
  readonly secrets: SecretBox;
  readonly policy: AddressPolicy;
  readonly newId: () => string;
  readonly now: () => Date;
}

export function createWebhookService({ records, secrets, policy, newId, now }: WebhookServiceOptions): WebhookService {
  async function create(request: RequestContext, { idempotencyKey, body }: Parameters<WebhookService['create']>[1]) {
    await requireAllowed(body.url);
    const id = newId();
    const result = await records.create({
      ...body,
      id,
      tenantId: request.caller.tenantId,
      idempotencyKey,
      requestHash: requestHashOf(body),
      sealedSecret: secrets.seal(newSecret(), id),
      now: now(),
    });
    if (result.kind === 'keyReused') {
      throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The key belongs to an earlier request with another body.');
    }
    if (result.kind === 'deleted') {
      throw new Problem('WEBHOOK_NOT_FOUND', 'The webhook that the key created was deleted. Send another key.');
    }
    if (result.kind === 'limitReached') {
      const { limit } = result;
      throw new Problem('WEBHOOK_LIMIT_REACHED', `You have ${limit} of ${limit} webhooks.`, { extensions: { limit } });
    }
    return { ...reveal(result.webhook), replayed: result.kind === 'replayed' };
  }

  /** @throws Problem INVALID_REQUEST when webhooks may not connect to the URL. */
  async function requireAllowed(url: string): Promise<void> {
    const problem = await policy.problemOfUrl(url);
    if (problem === undefined) return;
    throw new Problem('INVALID_REQUEST', `The URL is not allowed: ${problem}.`, {
      extensions: { errors: [{ in: 'body', pointer: '/url', detail: problem }] },
    });
  }

  function reveal(webhook: WebhookRecord): RevealedWebhook {
    const [newest] = webhook.secrets;
    if (newest === undefined) throw new Error(`the webhook ${webhook.id} has no secret`);
    return { webhook, secret: secrets.open(newest.sealed, webhook.id) };
  }

  async function get(request: RequestContext, webhookId: string): Promise<WebhookRecord> {
    const webhook = await records.get(keyOf(request, webhookId));
    if (webhook === undefined) throw notFound(webhookId);
    return webhook;
  }

  async function change(request: RequestContext, webhookId: string, wanted: WebhookChange): Promise<WebhookRecord> {
    const { versions } = request;
    const result = await records.change({ ...keyOf(request, webhookId), change: wanted, versions, now: now() });
    if (result.kind === 'notFound') throw notFound(webhookId);
    if (result.kind === 'stale') {
      throw new Problem('PRECONDITION_FAILED', `The webhook ${webhookId} has none of the versions in If-Match.`);
    }
    return result.webhook;
  }

  return {
    now,
    create,
    get,
    list: (request, page) => records.list({ ...page, tenantId: request.caller.tenantId }),
    update: async (request, webhookId, wanted) => {
      if (wanted.url !== undefined) await requireAllowed(wanted.url);
      return change(request, webhookId, wanted);
    },
    setStatus: (request, webhookId, status) => change(request, webhookId, { status }),
    rotateSecret: async (request, webhookId) =>
      reveal(await change(request, webhookId, { sealedSecret: secrets.seal(newSecret(), webhookId) })),
    delete: async (request, webhookId) => {
      if (!(await records.delete({ ...keyOf(request, webhookId), now: now() }))) throw notFound(webhookId);
    },
    listDeliveries: async (request, webhookId, query) => {
      const page = await records.listDeliveries({ ...query, ...keyOf(request, webhookId) });
      if (page === undefined) throw notFound(webhookId);
      return page;
    },
    test: async (request, webhookId) => {
      const result = await records.ping({ ...keyOf(request, webhookId), deliveryId: newId(), now: now() });
      if (result.kind === 'webhookNotFound') throw notFound(webhookId);
      if (result.kind === 'disabled') throw disabled(webhookId);
      return result.delivery;
    },
    redeliver: async (request, webhookId, deliveryId) => {
      const result = await records.redeliver({ ...keyOf(request, webhookId), deliveryId, now: now() });
      if (result.kind === 'accepted') return result.delivery;
      throw redeliveryProblem(result, { webhookId, deliveryId });
    },
  };
}

function keyOf({ caller }: RequestContext, webhookId: string) {
  return { tenantId: caller.tenantId, webhookId };
}

function notFound(webhookId: string): Problem {
  return new Problem('WEBHOOK_NOT_FOUND', `You have no webhook ${webhookId}.`);
}

function disabled(webhookId: string): Problem {
  return new Problem('WEBHOOK_DISABLED', `The webhook ${webhookId} is disabled. Enable it first.`);
}

function redeliveryProblem(
  result: Exclude<RedeliverResult, { readonly kind: 'accepted' }>,
  { webhookId, deliveryId }: { readonly webhookId: string; readonly deliveryId: string },
): Problem {
  switch (result.kind) {
    case 'webhookNotFound':
      return notFound(webhookId);
    case 'disabled':
      return disabled(webhookId);
    case 'deliveryNotFound':
      return new Problem('DELIVERY_NOT_FOUND', `The webhook has no delivery ${deliveryId}.`);
    case 'eventErased':
      return new Problem('DELIVERY_NOT_FOUND', `The event of the delivery ${deliveryId} was erased.`);
    case 'open': {
      const { state, nextAttemptAt } = result.delivery;
      const next = nextAttemptAt === null ? '' : ` Its next attempt is at ${nextAttemptAt.toISOString()}.`;
      return new Problem('DELIVERY_OPEN', `The delivery ${deliveryId} is ${state}.${next}`);
    }
    default:
      return assertNever(result);
  }
}
