import { z } from '@hono/zod-openapi';
import { STORE_STATUSES } from '../../domain/store/status.ts';
import { EVENT_TYPES } from '../../domain/store/store.ts';
import { Instant, Step } from './fields.ts';

const StoreEvent = z
  .strictObject({
    seq: z.int().openapi({ description: 'Starts at 1 and has no gaps. The oldest events of a store may be erased.' }),
    type: z.enum(EVENT_TYPES),
    step: Step.nullable(),
    status: z.enum(STORE_STATUSES).openapi({ description: 'Status of the store after the event.' }),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).readonly(),
    correlationId: z.string().nullable(),
    at: Instant,
  })
  .openapi('StoreEvent');

export const StoreEvents = z.strictObject({ data: z.array(StoreEvent).readonly() }).openapi('StoreEvents');
