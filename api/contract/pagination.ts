import { z } from '@hono/zod-openapi';
import { wholeNumber } from './fields.ts';

const MAX_OFFSET = 2_147_483_647; // Postgres takes an integer

/** Query parameters of a paged list. */
export function pageQuery({ maxLimit, limit }: { readonly maxLimit: number; readonly limit: number }) {
  return {
    limit: wholeNumber({ min: 1, max: maxLimit }).default(limit).openapi({ default: limit }),
    offset: wholeNumber({ min: 0, max: MAX_OFFSET }).default(0).openapi({ default: 0 }),
  };
}

export const Pagination = z.strictObject({
  limit: z.int(),
  offset: z.int(),
  total: z.int().openapi({ description: 'Number of matching entries on all pages.' }),
});
