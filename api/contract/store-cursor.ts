import { z } from '@hono/zod-openapi';
import { isByName, STORE_SORTS, type StoreCursor } from '../../domain/store/list-order.ts';

const Fields = z.tuple([z.enum(STORE_SORTS), z.string(), z.uuid()]);
const ByTime = z.iso.datetime();

/** The cursor of a list of stores, as clients send it. They cannot read meaning into it, so its form may change. */
export const StoreCursorParam = z
  .string()
  .transform((text, context): StoreCursor => {
    const cursor = decodeStoreCursor(text);
    if (cursor !== null) return cursor;
    context.addIssue({ code: 'custom', message: 'is not a cursor: send the nextCursor of the previous page' });
    return z.NEVER;
  })
  .openapi({ type: 'string', description: 'The `nextCursor` of the previous page.' });

/** Returns the cursor as text for a query string. */
export function encodeStoreCursor({ sort, key, storeId }: StoreCursor): string {
  return Buffer.from(JSON.stringify([sort, key, storeId])).toString('base64url');
}

/** Returns the cursor of a text, or null if the text is not one. */
export function decodeStoreCursor(text: string): StoreCursor | null {
  const parsed = Fields.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const [sort, key, storeId] = parsed.data;
  const isKey = isByName(sort) ? isStorable(key) : ByTime.safeParse(key).success;
  return isKey ? { sort, key, storeId } : null;
}

/** Postgres rejects NUL in a text. A name has no NUL. */
function isStorable(key: string): boolean {
  return !key.includes('\0');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
