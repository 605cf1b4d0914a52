import { customType, timestamp } from 'drizzle-orm/pg-core';

/**
 * What Postgres refuses in text and jsonb, replaced: NUL, and half of a surrogate pair, which is what cutting a message at
 * a length may leave. Messages and evidence come from clusters and containers; none of them may stop a store's record.
 */
function storable(value: string): string {
  return value.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** Text that was not checked on its way in, such as a message from the cluster. */
export const untrustedText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: storable,
});

const jsonb = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? storable(part) : part)),
});

/** A JSON document of a type that its writers keep to. */
export function document<Data>(name: string) {
  return jsonb(name).$type<Data>();
}

/** Milliseconds, as in JavaScript: what is written is what is read. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
}
