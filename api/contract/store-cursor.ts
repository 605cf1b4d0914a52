import { z } from '@hono/zod-openapi';
import { cursorParam, encodeCursor, fieldsOfCursor } from './cursor.ts';
import { isByName, STORE_SORTS, type StoreCursor } from '../../domain/store/list-order.ts';

const Fields = z.tuple([z.enum(STORE_SORTS), z.string(), z.uuid()]);
const ByTime = z.iso.datetime();

/** The cursor of a list of stores, as clients send it. */
export const StoreCursorParam = cursorParam(decodeStoreCursor);

/** Returns the cursor as text for a query string. */
export function encodeStoreCursor({ sort, key, storeId }: StoreCursor): string {
  return encodeCursor([sort, key, storeId]);
}

/** Returns the cursor of a text, or null if the text is not one. */
export function decodeStoreCursor(text: string): StoreCursor | null {
  const parsed = Fields.safeParse(fieldsOfCursor(text));
  if (!parsed.success) return null;
  const [sort, key, storeId] = parsed.data;
  const isKey = isByName(sort) ? isStorable(key) : ByTime.safeParse(key).success;
  return isKey ? { sort, key, storeId } : null;
}

/** Postgres rejects NUL in a text. A name has no NUL. */
function isStorable(key: string): boolean {
  return !key.includes('\0');
}
