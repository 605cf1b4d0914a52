import { customType, index, pgTable } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { secretHash } from './secret-hash.ts';

const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/**
 * Responses of create requests, for their repetitions. The transaction that creates the thing writes the row. `hash`
 * contains the tenant and the principal, so their keys never meet.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    hash: secretHash('hash').primaryKey(),
    requestHash: secretHash('request_hash').notNull(),
    /** Encrypted with a key that only the sender of the request knows. Null only within the transaction. */
    response: bytes('response'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('idempotency_keys_expired').on(table.expiresAt)],
);
