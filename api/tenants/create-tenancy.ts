import { randomUUID } from 'node:crypto';
import type { TenancyRecords } from '../../domain/ports/tenancy-records.ts';
import { createIdempotency } from '../middleware/idempotent.ts';
import type { TenancyOptions } from './context.ts';

/** Returns the dependencies of the routes of tenants, members and tokens. */
export function createTenancy(
  records: TenancyRecords,
  options: Partial<Pick<TenancyOptions, 'maxTokenDays' | 'publicUrl' | 'hashPassword' | 'now'>> = {},
): TenancyOptions {
  const { now = () => new Date(), maxTokenDays = 365, ...rest } = options;
  return { records, idempotency: createIdempotency(records, now), maxTokenDays, newId: randomUUID, now, ...rest };
}
