import { customType, timestamp } from 'drizzle-orm/pg-core';

/**
 * Replaces the characters that Postgres rejects in text and jsonb: NUL, and half of a surrogate pair, which remains
 * when a message is cut in the middle of a character. Messages and evidence come from clusters and containers. None of
 * them may prevent the write of a store's record.
 */
function storable(value: string): string {
  return value.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** Text from outside that was not validated, such as a message from the cluster. */
export const untrustedText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storable,
});

const jsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? storable(part) : part)),
});

/** Column with a JSON document. The writers guarantee its type. Postgres does not check it. */
export function document<Data>(name: string) {
  return jsonb(name).$type<Data>();
}

/** Column with a time of millisecond precision, as in JavaScript, so that it is read exactly as it was written. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
}
