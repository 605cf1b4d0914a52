import { describeCrossTenantCalls } from '../../test/harness/platform/cross-tenant-calls.ts';

describeCrossTenantCalls();
