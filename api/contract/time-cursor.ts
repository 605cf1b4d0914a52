import { z } from '@hono/zod-openapi';
import type { ListPosition } from '../../domain/list-position.ts';
import { cursorParam, encodeCursor, fieldsOfCursor } from './cursor.ts';
import { wholeNumber } from './fields.ts';

/** Returns the schema of the cursor of a list that is sorted by creation. */
function timeCursor(id: z.ZodType<string>) {
  const fields = z.tuple([z.iso.datetime(), id]);
  return cursorParam((text): ListPosition | null => {
    const parsed = fields.safeParse(fieldsOfCursor(text));
    return parsed.success ? { createdAt: new Date(parsed.data[0]), id: parsed.data[1] } : null;
  });
}

/** The cursor of a list whose entries have a UUID. */
export const TimeCursorParam = timeCursor(z.uuid());

/** Returns the cursor as text for a query string. */
export function encodeTimeCursor({ createdAt, id }: ListPosition): string {
  return encodeCursor([createdAt.toISOString(), id]);
}

/** Query parameters of a list that is sorted by creation. */
export const timePageQuery = {
  limit: wholeNumber({ min: 1, max: 100 }).default(20).openapi({ default: 20 }),
  cursor: TimeCursorParam.optional(),
};

/** The same for a list whose entries have the id of a tenant. */
export function namedPageQuery(id: z.ZodType<string>) {
  return { ...timePageQuery, cursor: timeCursor(id).optional() };
}

export const CursorPage = z.strictObject({
  limit: z.int(),
  nextCursor: z
    .string()
    .nullable()
    .openapi({ description: 'Send it as `cursor` for the next page. Null: the last page.' }),
});
