import { z } from '@hono/zod-openapi';
import { STORE_STATUSES } from '../../domain/store/status.ts';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { Instant, orNull, Step, wholeNumber } from './fields.ts';

export const StoreEvent = z
  .strictObject({
    seq: z.int().openapi({ description: 'Starts at 1 and has no gaps. The oldest events of a store may be erased.' }),
    type: z.enum(EVENT_TYPES),
    step: orNull(Step),
    status: z.enum(STORE_STATUSES).openapi({ description: 'Status of the store after the event.' }),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).readonly(),
    correlationId: z.string().nullable(),
    at: Instant,
  })
  .openapi('StoreEvent');

const MAX_SEQ = 2_147_483_647; // Postgres takes an integer

export const ListEventsQuery = z.strictObject({
  after: wholeNumber({ min: 0, max: MAX_SEQ })
    .default(0)
    .openapi({ default: 0, description: 'Only events with a larger `seq`.' }),
  limit: wholeNumber({ min: 1, max: 1_000 }).default(100).openapi({ default: 100 }),
});

export const StoreEvents = z
  .strictObject({
    data: z.array(StoreEvent).readonly(),
    pagination: z.strictObject({
      limit: z.int(),
      after: z.int(),
      nextAfter: z.int().nullable().openapi({
        description: 'Send it as `after` for the next page. Null: no later event existed at the time of the request.',
      }),
    }),
  })
  .openapi('StoreEvents');
