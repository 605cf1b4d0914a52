import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AuditPage as Page, AuditReader, RecordedAuditEntry } from '../../domain/ports/audit.ts';
import type { AppEnv } from '../app-env.ts';
import { AuditPage, encodeAuditCursor, ListAllAuditQuery, ListAuditQuery, type AuditEntry } from '../contract/audit.ts';
import { linkHeader } from '../contract/pagination.ts';
import { linkToNext } from '../middleware/link-to-next.ts';
import { problemResponses } from '../problems/responses.ts';

const page = {
  200: {
    description: 'One page of entries.',
    headers: linkHeader,
    content: { 'application/json': { schema: AuditPage } },
  },
  ...problemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
};

const listAudit = createRoute({
  operationId: 'listAudit',
  method: 'get',
  path: '/audit',
  summary: 'List the audit log of the tenant, newest first',
  description:
    'Changes, reads of credentials and refused requests of the tenant. Filters combine. An entry is never changed, and is erased when its retention is over.',
  request: { query: ListAuditQuery },
  responses: page,
});

const listAllAudit = createRoute({
  operationId: 'listAllAudit',
  method: 'get',
  path: '/admin/audit',
  summary: 'List the audit log of all tenants and of the platform, newest first',
  description: 'For operators.',
  request: { query: ListAllAuditQuery },
  responses: page,
});

/** The routes of the audit log. */
export function auditRoutes(log: AuditReader) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listAudit, async (c) => {
    const { cursor: after, from, before, ...query } = c.req.valid('query');
    const { tenantId } = c.var.caller;
    const found = await log.listOfTenant({ ...query, ...range(from, before), after, tenantId });
    return c.json(toPage(c, found, query.limit), 200);
  });

  routes.openapi(listAllAudit, async (c) => {
    const { cursor: after, from, before, ...query } = c.req.valid('query');
    const found = await log.listAll({ ...query, ...range(from, before), after });
    return c.json(toPage(c, found, query.limit), 200);
  });

  return routes;
}

function range(from: string | undefined, before: string | undefined) {
  return {
    from: from === undefined ? undefined : new Date(from),
    before: before === undefined ? undefined : new Date(before),
  };
}

function toPage(c: Context, { entries, next }: Page, limit: number) {
  const nextCursor = next === null ? null : encodeAuditCursor(next);
  if (nextCursor !== null) linkToNext(c, { cursor: nextCursor });
  return { data: entries.map(toAuditEntry), pagination: { limit, nextCursor } };
}

function toAuditEntry({ at, ...entry }: RecordedAuditEntry): AuditEntry {
  return { ...entry, at: at.toISOString() };
}
