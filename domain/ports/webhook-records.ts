import type { ListPosition } from '../list-position.ts';
import type { EventType, StoreEvent } from '../store/store.ts';
import type {
  DeliveryState,
  DisabledReason,
  MessageStore,
  MessageType,
  StoredSecret,
  WebhookStatus,
} from '../webhooks.ts';
import type { IdempotentRequests } from './idempotent-requests.ts';

/** A webhook: an address of a tenant that gets its events. */
export interface WebhookRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly url: string;
  /** Null: all types. */
  readonly eventTypes: readonly EventType[] | null;
  readonly description: string;
  readonly status: WebhookStatus;
  readonly disabledReason: DisabledReason | null;
  /** Time of the first failed attempt since the last success. Null: the last attempt succeeded, or there was none. */
  readonly failingSince: Date | null;
  /** Newest first. */
  readonly secrets: readonly StoredSecret[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One message for one webhook, with the result of its attempts. */
export interface DeliveryRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly webhookId: string;
  /** The id that receivers use to recognize a repeated message. It stays the same in each attempt and redelivery. */
  readonly messageId: string;
  readonly type: MessageType;
  /** The event. Null: a ping. */
  readonly storeId: string | null;
  readonly seq: number | null;
  readonly state: DeliveryState;
  /** 1, and one more with each redelivery. */
  readonly round: number;
  /** Attempts of this round. */
  readonly attempts: number;
  readonly lastAttemptAt: Date | null;
  /** HTTP status of the last answer. Null: the receiver did not answer. */
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  /** The first characters of the last answer. */
  readonly responseSnippet: string | null;
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface WebhookKey {
  readonly tenantId: string;
  readonly webhookId: string;
}

export interface CreateWebhookInput {
  readonly id: string;
  readonly tenantId: string;
  readonly url: string;
  readonly eventTypes: readonly EventType[] | null;
  readonly description: string;
  readonly sealedSecret: string;
  readonly now: Date;
}

export type CreateWebhookResult =
  | { readonly kind: 'created'; readonly webhook: WebhookRecord }
  | { readonly kind: 'limitReached'; readonly limit: number };

/** Columns that a caller can change. An undefined column stays as it is. */
export interface WebhookChange {
  readonly url?: string | undefined;
  readonly eventTypes?: readonly EventType[] | null | undefined;
  readonly description?: string | undefined;
  readonly status?: WebhookStatus;
  /** A new secret, encrypted. */
  readonly sealedSecret?: string;
}

export type ChangeWebhookResult =
  | { readonly kind: 'changed'; readonly webhook: WebhookRecord }
  | { readonly kind: 'notFound' }
  /** The webhook has none of the expected versions. */
  | { readonly kind: 'stale' };

export type RedeliverResult =
  | { readonly kind: 'accepted'; readonly delivery: DeliveryRecord }
  | { readonly kind: 'webhookNotFound' }
  | { readonly kind: 'deliveryNotFound' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'eventErased' }
  /** The delivery has not ended. */
  | { readonly kind: 'open'; readonly delivery: DeliveryRecord };

export type PingResult =
  | { readonly kind: 'accepted'; readonly delivery: DeliveryRecord }
  | { readonly kind: 'webhookNotFound' }
  | { readonly kind: 'disabled' };

/** Changes that a request with an idempotency key makes once. Every function sees the webhooks of one tenant only. */
export interface WebhookWork {
  create(input: CreateWebhookInput): Promise<CreateWebhookResult>;
  /** Changes a webhook if it has one of the `versions`. Without versions, always. */
  change(
    input: WebhookKey & {
      readonly change: WebhookChange;
      readonly versions?: readonly string[] | undefined;
      readonly now: Date;
    },
  ): Promise<ChangeWebhookResult>;
  /** Adds the delivery of a ping. A worker sends it. */
  ping(input: WebhookKey & { readonly deliveryId: string; readonly now: Date }): Promise<PingResult>;
  /** Starts another round of an ended delivery. */
  redeliver(input: WebhookKey & { readonly deliveryId: string; readonly now: Date }): Promise<RedeliverResult>;
}

/** The records behind the routes of webhooks. Every function sees the webhooks of one tenant only. */
export interface WebhookRecords extends WebhookWork, IdempotentRequests<WebhookWork> {
  get(key: WebhookKey): Promise<WebhookRecord | undefined>;
  list(query: {
    readonly tenantId: string;
    readonly limit: number;
    readonly after?: ListPosition | undefined;
  }): Promise<{ readonly webhooks: readonly WebhookRecord[]; readonly next: ListPosition | null }>;
  /** Returns whether the webhook existed. */
  delete(input: WebhookKey & { readonly now: Date }): Promise<boolean>;
  /** Returns undefined when the webhook does not exist. */
  listDeliveries(
    query: WebhookKey & {
      readonly state?: DeliveryState | undefined;
      readonly limit: number;
      readonly after?: ListPosition | undefined;
    },
  ): Promise<{ readonly deliveries: readonly DeliveryRecord[]; readonly next: ListPosition | null } | undefined>;
}

/** A delivery that needs a run. */
export interface DeliveryToStart {
  readonly deliveryId: string;
  readonly tenantId: string;
  readonly webhookId: string;
  readonly round: number;
  /** Attempts of this round so far. */
  readonly attempts: number;
}

/** Everything that an attempt needs. */
export interface LoadedDelivery {
  readonly delivery: DeliveryRecord;
  /** Null: deleted. */
  readonly webhook: WebhookRecord | null;
  /** Null: a ping, or an event that was erased. */
  readonly event: { readonly store: MessageStore; readonly event: StoreEvent } | null;
}

/** The result of an attempt. */
export interface AttemptResult {
  readonly state: Exclude<DeliveryState, 'pending'>;
  readonly status: number | null;
  readonly error: string | null;
  readonly snippet: string | null;
  /** Set in state `retrying`. */
  readonly nextAttemptAt: Date | null;
  /** Disables the webhook, because its receiver answered that it is gone. */
  readonly isGone?: boolean;
}

/** The records of the worker that delivers. They see all tenants. */
export interface DeliveryRecords {
  /** Returns deliveries without a run, oldest first. */
  listUnstarted(query: { readonly limit: number }): Promise<readonly DeliveryToStart[]>;
  /** Returns open deliveries whose next attempt was due before this time: their run may be lost. */
  listOverdue(query: { readonly dueBefore: Date; readonly limit: number }): Promise<readonly DeliveryToStart[]>;
  /** Notes that the runs of these deliveries are started, unless another round has begun. */
  noteStarted(input: {
    readonly deliveries: readonly Pick<DeliveryToStart, 'deliveryId' | 'round'>[];
    readonly now: Date;
  }): Promise<void>;
  load(deliveryId: string): Promise<LoadedDelivery | undefined>;
  /**
   * Writes the result of an attempt, unless the round has ended or the attempt is recorded. Returns why the webhook was
   * disabled by it, or null.
   */
  recordAttempt(input: {
    readonly deliveryId: string;
    readonly webhookId: string;
    readonly round: number;
    readonly attempt: number;
    readonly result: AttemptResult;
    /** Failures since before this time disable the webhook. */
    readonly disableIfFailingBefore: Date;
    readonly now: Date;
  }): Promise<DisabledReason | null>;
}
