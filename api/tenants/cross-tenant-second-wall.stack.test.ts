import { jest } from '@jest/globals';
import { sql } from 'drizzle-orm';

/** All conditions on the tenant are replaced by `true`: only row-level security separates the tenants in this file. */
jest.unstable_mockModule('../../db/stores/of-tenant.ts', () => ({ ofTenant: () => sql`true` }));
const { describeCrossTenantCalls } = await import('../../test/harness/platform/cross-tenant-calls.ts');

describeCrossTenantCalls();
