import { json } from '../contract/json-content.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Page } from '../../domain/list-position.ts';
import type { OwnTenant as OwnTenantRecord, TenantRecord } from '../../domain/ports/tenant-records.ts';
import type { AppEnv } from '../app-env.ts';
import { IdempotencyHeaders, locationHeader, replayedHeader } from '../contract/idempotency.ts';
import { linkHeader } from '../contract/pagination.ts';
import {
  CreateTenantBody,
  ListTenantsQuery,
  OwnTenantPage,
  Tenant,
  TenantPage,
  TenantParams,
  UpdateTenantBody,
} from '../contract/tenant.ts';
import { Problem } from '../problems/problem.ts';
import {
  paginationOf,
  PROBLEMS_OF_BODY,
  PROBLEMS_OF_CREATE,
  problemsOfChange,
  problemsOfRead,
  userIdOf,
  type TenancyOptions,
} from './context.ts';

const listTenants = createRoute({
  operationId: 'listTenants',
  method: 'get',
  path: '/tenants',
  summary: 'List your tenants, newest membership first',
  description: 'An API token has one tenant. Name one of the others with the header `X-Tenant-ID`.',
  request: { query: ListTenantsQuery },
  responses: {
    200: { description: 'One page of tenants.', headers: linkHeader, content: json(OwnTenantPage) },
    ...problemsOfRead('INVALID_REQUEST'),
  },
});

const listAllTenants = createRoute({
  operationId: 'listAllTenants',
  method: 'get',
  path: '/admin/tenants',
  summary: 'List all tenants, newest first',
  request: { query: ListTenantsQuery },
  responses: {
    200: { description: 'One page of tenants.', headers: linkHeader, content: json(TenantPage) },
    ...problemsOfRead('INVALID_REQUEST'),
  },
});

const createTenant = createRoute({
  operationId: 'createTenant',
  method: 'post',
  path: '/admin/tenants',
  summary: 'Create a tenant',
  description: 'Invite its first admin with `POST /api/invitations` and the header `X-Tenant-ID`.',
  request: { headers: IdempotencyHeaders, body: { required: true, content: json(CreateTenantBody) } },
  responses: {
    201: {
      description: 'The tenant exists.',
      headers: { ...locationHeader, ...replayedHeader },
      content: json(Tenant),
    },
    ...problemsOfChange(...PROBLEMS_OF_CREATE, 'TENANT_EXISTS'),
  },
});

const updateTenant = createRoute({
  operationId: 'updateTenant',
  method: 'patch',
  path: '/admin/tenants/{id}',
  summary: 'Change the name or the limits of a tenant',
  description: 'Fields that the body does not have stay as they are. A lower limit stops nothing that exists.',
  middleware: optionalJson,
  request: { params: TenantParams, body: { content: json(UpdateTenantBody) } },
  responses: {
    200: { description: 'The changed tenant.', content: json(Tenant) },
    ...problemsOfChange(...PROBLEMS_OF_BODY),
  },
});

/** The routes of tenants. */
export function tenantRoutes({ records, idempotency, now }: TenancyOptions) {
  const routes = new OpenAPIHono<AppEnv>();

  async function ownTenants(c: Context<AppEnv>, query: Parameters<typeof records.listTenants>[0]) {
    const { principal, membership } = c.var.identity;
    const userId = userIdOf(principal);
    if (userId !== null && principal.kind !== 'userToken') return records.listTenantsOf({ ...query, userId });
    return single(membership, membership === null ? undefined : await records.getTenant(membership.tenantId));
  }

  routes.openapi(listTenants, async (c) => {
    const { limit, cursor: after } = c.req.valid('query');
    const page = await ownTenants(c, { limit, after });
    const data = page.entries.map(({ id: tenantId, name, role, createdAt }) => ({
      tenantId,
      name,
      role,
      createdAt: createdAt.toISOString(),
    }));
    return c.json({ data, pagination: paginationOf(c, limit, page) }, 200);
  });

  routes.openapi(listAllTenants, async (c) => {
    const { limit, cursor: after } = c.req.valid('query');
    const page = await records.listTenants({ limit, after });
    return c.json({ data: page.entries.map(toTenant), pagination: paginationOf(c, limit, page) }, 200);
  });

  routes.openapi(createTenant, async (c) => {
    const body = c.req.valid('json');
    const key = c.req.valid('header')['Idempotency-Key'];
    const tenant = await idempotency.idempotently(c, { key, body }, async (work) => {
      const { tenantId: id, ...fields } = body;
      const created = await work.createTenant({ id, ...fields, now: now() });
      if (created === undefined) throw new Problem('TENANT_EXISTS', `Another tenant has the id ${id}.`);
      return toTenant(created);
    });
    c.header('Location', `/api/admin/tenants/${tenant.tenantId}`);
    return c.json(tenant, 201);
  });

  routes.openapi(updateTenant, async (c) => {
    const { id } = c.req.valid('param');
    const updated = await records.updateTenant({ id, ...c.req.valid('json'), now: now() });
    if (updated === undefined) throw new Problem('TENANT_NOT_FOUND', `There is no tenant ${id}.`);
    return c.json(toTenant(updated), 200);
  });

  return routes;
}

/** Returns the one tenant of a token or of a caller without authentication. */
function single(
  membership: Pick<OwnTenantRecord, 'role'> | null,
  tenant: TenantRecord | undefined,
): Page<OwnTenantRecord> {
  if (membership === null || tenant === undefined) return { entries: [], next: null };
  return { entries: [{ ...tenant, role: membership.role }], next: null };
}

function toTenant({ id: tenantId, createdAt, updatedAt, ...fields }: TenantRecord): Tenant {
  const { name, maxStores, maxRunning, maxRequestsPerMinute } = fields;
  return {
    tenantId,
    name,
    maxStores,
    maxRunning,
    maxRequestsPerMinute,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
