import type { Context } from 'hono';
import { assertNever } from '../../domain/assert-never.ts';
import type { ListPosition } from '../../domain/list-position.ts';
import type {
  DeliveryRecord,
  RedeliverResult,
  WebhookChange,
  WebhookRecord,
  WebhookRecords,
  WebhookWork,
} from '../../domain/ports/webhook-records.ts';
import type { DeliveryState, WebhookStatus } from '../../domain/webhooks.ts';
import type { AddressPolicy } from '../../webhooks/address-policy.ts';
import { newSecret, type SecretBox } from '../../webhooks/secrets.ts';
import type { AppEnv } from '../app-env.ts';
import type { CreateWebhookBody } from '../contract/webhook.ts';
import { createIdempotency, type Idempotency } from '../middleware/idempotent.ts';
import { Problem } from '../problems/problem.ts';
import type { RequestContext } from '../stores/context.ts';

/** A webhook, and its newest secret in plain text. */
export interface RevealedWebhook {
  readonly webhook: WebhookRecord;
  readonly secret: string;
}

interface Page {
  readonly limit: number;
  readonly after?: ListPosition | undefined;
}

/** Changes that a request with an idempotency key makes once. */
interface WebhookChanges {
  create(request: RequestContext, body: CreateWebhookBody): Promise<RevealedWebhook>;
  rotateSecret(request: RequestContext, webhookId: string): Promise<RevealedWebhook>;
  test(request: RequestContext, webhookId: string): Promise<DeliveryRecord>;
  redeliver(request: RequestContext, webhookId: string, deliveryId: string): Promise<DeliveryRecord>;
}

/** The requests behind the routes. Each throws Problem for what the caller may know. */
export interface WebhookService {
  readonly now: () => Date;
  /**
   * Makes a change once per key, or each time if there is no key. Returns the body of the response.
   */
  once<Body>(
    c: Context<AppEnv>,
    request: { readonly key: string | undefined; readonly body: unknown },
    work: (changes: WebhookChanges) => Promise<Body>,
  ): Promise<Body>;
  /** @throws Problem INVALID_REQUEST when webhooks may not connect to the URL. */
  requireAllowedUrl(url: string): Promise<void>;
  get(request: RequestContext, webhookId: string): Promise<WebhookRecord>;
  list(request: RequestContext, page: Page): ReturnType<WebhookRecords['list']>;
  update(
    request: RequestContext,
    webhookId: string,
    change: Pick<WebhookChange, 'url' | 'eventTypes' | 'description'>,
  ): Promise<WebhookRecord>;
  setStatus(request: RequestContext, webhookId: string, status: WebhookStatus): Promise<WebhookRecord>;
  delete(request: RequestContext, webhookId: string): Promise<void>;
  listDeliveries(
    request: RequestContext,
    webhookId: string,
    query: Page & { readonly state?: DeliveryState | undefined },
  ): Promise<{ readonly deliveries: readonly DeliveryRecord[]; readonly next: ListPosition | null }>;
}

export interface WebhookServiceOptions {
  readonly records: WebhookRecords;
  readonly secrets: SecretBox;
  readonly policy: AddressPolicy;
  readonly newId: () => string;
  readonly now: () => Date;
}

/** Creates the requests about webhooks on their records. */
export function createWebhookService(options: WebhookServiceOptions): WebhookService {
  const { records, policy, now } = options;
  const idempotency: Idempotency<WebhookWork> = createIdempotency(records, now);
  const change = changeWith(records, now);

  async function requireAllowedUrl(url: string): Promise<void> {
    const problem = await policy.problemOfUrl(url);
    if (problem === undefined) return;
    throw new Problem('INVALID_REQUEST', `The URL is not allowed: ${problem}.`, {
      extensions: { errors: [{ in: 'body', pointer: '/url', detail: problem }] },
    });
  }

  return {
    now,
    once: (c, { key, body }, work) =>
      key === undefined
        ? work(webhookChanges(options, records))
        : idempotency.idempotently(c, { key, body }, (own) => work(webhookChanges(options, own))),
    requireAllowedUrl,
    get: async (request, webhookId) => {
      const webhook = await records.get(keyOf(request, webhookId));
      if (webhook === undefined) throw notFound(webhookId);
      return webhook;
    },
    list: (request, page) => records.list({ ...page, tenantId: request.caller.tenantId }),
    update: async (request, webhookId, wanted) => {
      if (wanted.url !== undefined) await requireAllowedUrl(wanted.url);
      return change(request, webhookId, wanted);
    },
    setStatus: (request, webhookId, status) => change(request, webhookId, { status }),
    delete: async (request, webhookId) => {
      if (!(await records.delete({ ...keyOf(request, webhookId), now: now() }))) throw notFound(webhookId);
    },
    listDeliveries: async (request, webhookId, query) => {
      const page = await records.listDeliveries({ ...query, ...keyOf(request, webhookId) });
      if (page === undefined) throw notFound(webhookId);
      return page;
    },
  };
}

/** Returns the changes on the records of webhooks, or on those of one transaction. */
function webhookChanges({ secrets, newId, now }: WebhookServiceOptions, records: WebhookWork): WebhookChanges {
  const change = changeWith(records, now);

  function reveal(webhook: WebhookRecord): RevealedWebhook {
    const [newest] = webhook.secrets;
    if (newest === undefined) throw new Error(`the webhook ${webhook.id} has no secret`);
    return { webhook, secret: secrets.open(newest.sealed, webhook.id) };
  }

  return {
    create: async (request, body) => {
      const id = newId();
      const { tenantId } = request.caller;
      const sealedSecret = secrets.seal(newSecret(), id);
      const result = await records.create({ ...body, id, tenantId, sealedSecret, now: now() });
      if (result.kind === 'created') return reveal(result.webhook);
      const { limit } = result;
      throw new Problem('WEBHOOK_LIMIT_REACHED', `You have ${limit} of ${limit} webhooks.`, { extensions: { limit } });
    },
    rotateSecret: async (request, webhookId) =>
      reveal(await change(request, webhookId, { sealedSecret: secrets.seal(newSecret(), webhookId) })),
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

/** Returns a function that changes a webhook in one of the versions that the request accepts. */
function changeWith(records: Pick<WebhookWork, 'change'>, now: () => Date) {
  return async (request: RequestContext, webhookId: string, wanted: WebhookChange): Promise<WebhookRecord> => {
    const { versions } = request;
    const result = await records.change({ ...keyOf(request, webhookId), change: wanted, versions, now: now() });
    if (result.kind === 'notFound') throw notFound(webhookId);
    if (result.kind === 'stale') {
      throw new Problem('PRECONDITION_FAILED', `The webhook ${webhookId} has none of the versions in If-Match.`);
    }
    return result.webhook;
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
