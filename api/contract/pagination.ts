import { z } from '@hono/zod-openapi';
import { wholeNumber } from './fields.ts';

const MAX_OFFSET = 2_147_483_647; // Postgres takes an integer

/** Query parameters of a list that is paged by offset. */
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

/** `count=true` counts all entries. Lists are faster without the count. */
export const CountParam = z.enum(['true', 'false']).default('false').openapi({
  default: 'false',
  description: 'Whether to return `total`. The count reads every matching entry.',
});

export const CursorPagination = z.strictObject({
  limit: z.int(),
  offset: z.int(),
  nextCursor: z
    .string()
    .nullable()
    .openapi({ description: 'Send it as `cursor` for the next page. Null: the last page.' }),
  total: z
    .int()
    .nullable()
    .openapi({ description: 'Number of matching entries on all pages. Null without `count=true`.' }),
});

/** The response header that leads to other pages (RFC 8288). */
export const linkHeader = {
  Link: {
    description: 'The next page with `rel="next"`. Absent on the last page.',
    schema: { type: 'string' as const, pattern: '^<[^>]+>; rel="next"$' },
  },
};
