import { customType } from 'drizzle-orm/pg-core';

/** SHA-256 of a secret that only its owner has. */
export const secretHash = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
