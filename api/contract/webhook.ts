import { z } from '@hono/zod-openapi';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { DELIVERY_STATES, DISABLED_REASONS, PING, WEBHOOK_STATUSES } from '../../domain/webhooks.ts';
import { EngineName, EntityTags, IdParam, Instant, wholeNumber } from './fields.ts';
import { StoreEvent } from './event.ts';
import { TimeCursorParam } from './time-cursor.ts';

const MAX_URL_LENGTH = 2_000;
const MAX_DESCRIPTION_LENGTH = 255;

const EventTypes = z
  .array(z.enum(EVENT_TYPES))
  .min(1, 'must have at least one type: null stands for all types')
  .max(EVENT_TYPES.length)
  .refine((types) => new Set(types).size === types.length, 'must not repeat a type')
  .readonly()
  .nullable()
  .openapi({ description: 'The types of events to send. Null: all types.', example: ['store.ready', 'store.failed'] });

const Url = z.string().max(MAX_URL_LENGTH).openapi({
  format: 'uri',
  description: 'A public address that begins with https:// and has the default port.',
  example: 'https://example.com/webhooks',
});

const Description = z
  .string()
  .max(MAX_DESCRIPTION_LENGTH)
  .refine((text) => !/\p{Cc}/u.test(text), 'must have no control character');

/** A header of requests that change a webhook. */
export const ChangeWebhookHeaders = z.object({
  'If-Match': EntityTags.optional().openapi({
    description: 'Changes the webhook only if its `ETag` is one of these. Otherwise the response is 412.',
  }),
});

export const CreateWebhookBody = z
  .strictObject({
    url: Url,
    eventTypes: EventTypes.default(null),
    description: Description.default(''),
  })
  .openapi('CreateWebhook');
export type CreateWebhookBody = z.output<typeof CreateWebhookBody>;

export const UpdateWebhookBody = z
  .strictObject({ url: Url.optional(), eventTypes: EventTypes.optional(), description: Description.optional() })
  .openapi('UpdateWebhook');

export const WebhookParams = z.object({ id: IdParam });
export const DeliveryParams = z.object({ id: IdParam, deliveryId: IdParam });

export const ListWebhooksQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 100 }).default(20).openapi({ default: 20 }),
  cursor: TimeCursorParam.optional(),
});

export const ListDeliveriesQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: 100 }).default(20).openapi({ default: 20 }),
  cursor: TimeCursorParam.optional(),
  state: z.enum(DELIVERY_STATES).optional().openapi({ description: 'Only deliveries in this state.' }),
});

const fields = {
  webhookId: z.uuid(),
  url: z.string(),
  eventTypes: EventTypes,
  description: z.string(),
  status: z.enum(WEBHOOK_STATUSES),
  disabledReason: z.enum(DISABLED_REASONS).nullable().openapi({
    description:
      '`requested`: by a request. `gone`: the receiver answered 410. `failing`: every delivery failed for five days.',
  }),
  failingSince: Instant.nullable().openapi({ description: 'Since when every attempt fails.' }),
  secrets: z
    .array(
      z.strictObject({
        createdAt: Instant,
        expiresAt: Instant.nullable().openapi({ description: 'Until when the secret signs. Null: the newest secret.' }),
      }),
    )
    .readonly()
    .openapi({ description: 'The secrets that sign now, newest first.' }),
  createdAt: Instant,
  updatedAt: Instant,
};

export const Webhook = z.strictObject(fields).openapi('Webhook');
export type Webhook = z.output<typeof Webhook>;

/** The response that contains the secret. */
export const WebhookWithSecret = z
  .strictObject({
    ...fields,
    secret: z.string().openapi({
      description: 'The newest secret. No other response contains it.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw8RSXIqxOCA0=',
    }),
  })
  .openapi('WebhookWithSecret');

const NextCursor = z
  .string()
  .nullable()
  .openapi({ description: 'Send it as `cursor` for the next page. Null: the last page.' });

const CursorPage = z.strictObject({ limit: z.int(), nextCursor: NextCursor });

export const WebhookPage = z
  .strictObject({ data: z.array(Webhook).readonly(), pagination: CursorPage })
  .openapi('WebhookPage');

export const WebhookDelivery = z
  .strictObject({
    deliveryId: z.uuid(),
    webhookId: z.uuid(),
    messageId: z.string().openapi({ description: 'The header `webhook-id` of every attempt.' }),
    type: z.enum([...EVENT_TYPES, PING]),
    storeId: z.uuid().nullable().openapi({ description: 'The store of the event. Null: a ping.' }),
    seq: z.int().nullable().openapi({ description: 'The number of the event in its store. Null: a ping.' }),
    state: z.enum(DELIVERY_STATES),
    attempts: z.int().openapi({ description: 'Attempts since the creation or the last redelivery.' }),
    lastAttemptAt: Instant.nullable(),
    lastStatus: z.int().nullable().openapi({ description: 'HTTP status of the last answer. Null: no answer.' }),
    lastError: z.string().nullable().openapi({ description: 'Why the last attempt failed.' }),
    responseSnippet: z.string().nullable().openapi({ description: 'The first characters of the last answer.' }),
    nextAttemptAt: Instant.nullable(),
    createdAt: Instant,
    endedAt: Instant.nullable(),
  })
  .openapi('WebhookDelivery');
export type WebhookDelivery = z.output<typeof WebhookDelivery>;

export const WebhookDeliveryPage = z
  .strictObject({ data: z.array(WebhookDelivery).readonly(), pagination: CursorPage })
  .openapi('WebhookDeliveryPage');

const MessageStore = z.strictObject({
  storeId: z.uuid(),
  name: z.string(),
  engine: EngineName,
  slug: z.string(),
});

/** The body of a message about an event. */
export const StoreEventMessage = z
  .strictObject({
    type: z.enum(EVENT_TYPES),
    timestamp: Instant.openapi({ description: 'When the event happened.' }),
    data: z.strictObject({ store: MessageStore, event: StoreEvent }),
  })
  .openapi('StoreEventMessage');

/** The body of the message that tests a webhook. */
export const PingMessage = z
  .strictObject({
    type: z.literal(PING),
    timestamp: Instant,
    data: z.strictObject({ webhookId: z.uuid() }),
  })
  .openapi('PingMessage');
