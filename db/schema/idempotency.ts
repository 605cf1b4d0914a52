import { customType, index, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { secretHash } from './secret-hash.ts';

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/**
 * Responses of requests with a key, for their repetitions. The transaction that changes something writes the row. `hash`
 * contains the tenant and the principal, so their keys never meet.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    hash: secretHash('hash').primaryKey(),
    /** Null: the request concerns no tenant. */
    tenantId: text('tenant_id'),
    requestHash: secretHash('request_hash').notNull(),
    /** Encrypted with a key that only the sender of the request knows. Null only within the transaction. */
    response: bytes('response'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('idempotency_keys_expired').on(table.expiresAt)],
);
