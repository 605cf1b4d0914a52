import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { actorOf } from '../../domain/access/principal.ts';
import { includesRole } from '../../domain/access/roles.ts';
import type { ServiceAccountRecord } from '../../domain/ports/token-records.ts';
import type { AppEnv } from '../app-env.ts';
import { IdParam } from '../contract/fields.ts';
import { IdempotencyHeaders, replayedHeader } from '../contract/idempotency.ts';
import { linkHeader } from '../contract/pagination.ts';
import {
  CreateServiceAccountBody,
  ListServiceAccountsQuery,
  ServiceAccount,
  ServiceAccountPage,
} from '../contract/token.ts';
import { Problem } from '../problems/problem.ts';
import {
  paginationOf,
  PROBLEMS_OF_CREATE,
  problemsOfChange,
  problemsOfRead,
  requireTenant,
  roleOf,
  tenantOf,
  type TenancyOptions,
} from './context.ts';

const listServiceAccounts = createRoute({
  operationId: 'listServiceAccounts',
  method: 'get',
  path: '/service-accounts',
  summary: 'List the service accounts of the tenant, newest first',
  request: { query: ListServiceAccountsQuery },
  responses: {
    200: { description: 'One page of service accounts.', headers: linkHeader, content: json(ServiceAccountPage) },
    ...problemsOfRead('INVALID_REQUEST'),
  },
});

const createServiceAccount = createRoute({
  operationId: 'createServiceAccount',
  method: 'post',
  path: '/service-accounts',
  summary: 'Create a service account',
  description: 'A program uses it with an API token: create one with `POST /api/tokens`.',
  request: { headers: IdempotencyHeaders, body: { required: true, content: json(CreateServiceAccountBody) } },
  responses: {
    201: { description: 'The service account exists.', headers: replayedHeader, content: json(ServiceAccount) },
    ...problemsOfChange(...PROBLEMS_OF_CREATE),
  },
});

const deleteServiceAccount = createRoute({
  operationId: 'deleteServiceAccount',
  method: 'delete',
  path: '/service-accounts/{id}',
  summary: 'Delete a service account',
  description: 'Its API tokens stop working at once.',
  request: { params: z.object({ id: IdParam }) },
  responses: {
    204: { description: 'The service account is deleted.' },
    ...problemsOfChange('SERVICE_ACCOUNT_NOT_FOUND'),
  },
});

/** The routes of service accounts. */
export function serviceAccountRoutes({ records, idempotency, newId, now }: TenancyOptions) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listServiceAccounts, async (c) => {
    const { limit, cursor: after } = c.req.valid('query');
    const page = await records.listServiceAccounts({ tenantId: tenantOf(c), limit, after });
    return c.json({ data: page.entries.map(toServiceAccount), pagination: paginationOf(c, limit, page) }, 200);
  });

  routes.openapi(createServiceAccount, async (c) => {
    const body = c.req.valid('json');
    const key = c.req.valid('header')['Idempotency-Key'];
    if (!includesRole(roleOf(c), body.role)) {
      throw new Problem('FORBIDDEN', `You may give at most the role ${roleOf(c)}.`);
    }
    const account = await idempotency.idempotently(c, { key, body }, async (work) => {
      await requireTenant(c, work);
      const createdBy = actorOf(c.var.identity.principal);
      const record = { id: newId(), tenantId: tenantOf(c), ...body, createdBy, now: now() };
      return toServiceAccount(await work.createServiceAccount(record));
    });
    c.set('created', `service-account/${account.serviceAccountId}`);
    return c.json(account, 201);
  });

  routes.openapi(deleteServiceAccount, async (c) => {
    const { id } = c.req.valid('param');
    const isDeleted = await records.deleteServiceAccount({ tenantId: tenantOf(c), id, now: now() });
    if (!isDeleted) throw serviceAccountNotFound(id);
    return c.body(null, 204);
  });

  return routes;
}

export function serviceAccountNotFound(id: string): Problem {
  return new Problem('SERVICE_ACCOUNT_NOT_FOUND', `The tenant has no service account ${id}.`);
}

function toServiceAccount(record: ServiceAccountRecord): ServiceAccount {
  const { id: serviceAccountId, name, role, createdBy, createdAt } = record;
  return { serviceAccountId, name, role, createdBy, createdAt: createdAt.toISOString() };
}
