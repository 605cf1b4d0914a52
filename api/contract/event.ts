import { z } from '@hono/zod-openapi';
import { STORE_STATUSES } from '../../domain/store/status.ts';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { Instant, orNull, Step, wholeNumber } from './fields.ts';

const fields = {
  seq: z.int().openapi({ description: 'Starts at 1 and has no gaps. The oldest events of a store may be erased.' }),
  type: z.enum(EVENT_TYPES),
  step: orNull(Step),
  status: z.enum(STORE_STATUSES).openapi({ description: 'Status of the store after the event.' }),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).readonly(),
  correlationId: z.string().nullable(),
  operationId: z.uuid().nullable().openapi({ description: 'The operation that the event is about.' }),
  at: Instant,
};

export const StoreEvent = z.strictObject(fields).openapi('StoreEvent');

const TenantEvent = z
  .strictObject({
    storeId: z.uuid(),
    tenantSeq: z.int().openapi({
      description:
        'Number of the event in the tenant, in the order of commits. Starts at 1 and has no gaps. The oldest events may be erased.',
    }),
    ...fields,
  })
  .openapi('TenantEvent');

const MAX_SEQ = 2_147_483_647; // Postgres takes an integer
const MAX_TENANT_SEQ = 9_999_999_999; // more events than a tenant can ever have

function eventsQuery(max: number, number: string) {
  return z.strictObject({
    after: wholeNumber({ min: 0, max })
      .default(0)
      .openapi({ default: 0, description: `Only events with a larger \`${number}\`.` }),
    limit: wholeNumber({ min: 1, max: 1_000 })
      .default(100)
      .openapi({ default: 100, description: 'Events of a page. A stream ignores it.' }),
  });
}

export const ListEventsQuery = eventsQuery(MAX_SEQ, 'seq');
export const ListTenantEventsQuery = eventsQuery(MAX_TENANT_SEQ, 'tenantSeq');

function lastEventId(max: number) {
  return z.object({
    // Browsers send the header empty before the first event.
    'Last-Event-ID': z
      .preprocess((value) => (value === '' ? undefined : value), wholeNumber({ min: 0, max }).optional())
      .openapi({
        type: 'integer',
        minimum: 0,
        maximum: max,
        description: 'Only for a stream: the id of the last event that arrived. It replaces `after`.',
      }),
  });
}

export const EventStreamHeaders = lastEventId(MAX_SEQ);
export const TenantEventStreamHeaders = lastEventId(MAX_TENANT_SEQ);

const pageFields = {
  limit: z.int(),
  after: z.int(),
  nextAfter: z.int().nullable().openapi({
    description: 'Send it as `after` for the next page. Null: no later event existed at the time of the request.',
  }),
};
const pagination = z.strictObject(pageFields);
const tenantPagination = z.strictObject({
  ...pageFields,
  lastSeq: z.int().openapi({
    description:
      'Number of the newest event of the tenant. 0: the tenant has no events. Send it as `after` to follow only later events.',
  }),
});

export const StoreEvents = z.strictObject({ data: z.array(StoreEvent).readonly(), pagination }).openapi('StoreEvents');

export const TenantEvents = z
  .strictObject({ data: z.array(TenantEvent).readonly(), pagination: tenantPagination })
  .openapi('TenantEvents');

/** The body of a stream. */
export const eventStream = {
  schema: z.string().openapi({
    description:
      'Server-Sent Events. Each message has the number of an event as `id`, and the event as JSON in `data`. The last message of an operation has the event type `end` and the operation in `data`.',
  }),
  example: 'id: 1\ndata: {"seq":1,"type":"store.requested","status":"requested"}\n\n',
};
