import { CreateStoreHeaders } from './store.ts';

/** The header of every request that creates something. */
export const IdempotencyHeaders = CreateStoreHeaders;

/** The header of a request that repeats an effect when it is sent twice. */
export const OptionalIdempotencyHeaders = IdempotencyHeaders.partial();

/** The header of a response that repeats an earlier one. */
export const replayedHeader = {
  'Idempotency-Replayed': {
    description: '`true`: the same request came before.',
    schema: { type: 'string' as const },
  },
};

/** The path of the created thing. */
export const locationHeader = {
  Location: { description: 'Path of the created resource.', schema: { type: 'string' as const } },
};
