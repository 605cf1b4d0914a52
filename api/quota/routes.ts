import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { QuotaRecords } from '../../domain/ports/quota-records.ts';
import type { AppEnv } from '../app-env.ts';
import { Quota } from '../contract/quota.ts';
import { problemResponses } from '../problems/responses.ts';

const getQuota = createRoute({
  operationId: 'getQuota',
  method: 'get',
  path: '/quota',
  summary: 'Return the quotas of the tenant, and how much of them is used',
  responses: {
    200: { description: 'The quotas.', content: { 'application/json': { schema: Quota } } },
    ...problemResponses('HOST_NOT_ALLOWED', 'DATABASE_UNAVAILABLE'),
  },
});

/** The route of the quotas of a tenant. */
export function quotaRoutes(quotas: QuotaRecords) {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(getQuota, async (c) => {
    const { tenantId } = c.var.caller;
    return c.json({ tenantId, ...(await quotas.quotaOf(tenantId)) }, 200);
  });
  return routes;
}
