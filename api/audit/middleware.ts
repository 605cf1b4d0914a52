import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { AuditEntry, AuditOutcome, AuditSink } from '../../domain/ports/audit.ts';
import type { AppEnv } from '../app-env.ts';
import { accessTo } from '../auth/access.ts';
import { isRead } from '../middleware/read-methods.ts';
import { Problem } from '../problems/problem.ts';
import { changeOf } from './change.ts';

/** Problems of principals that may not do something. */
const REFUSALS = new Set(['FORBIDDEN', 'INSUFFICIENT_SCOPE', 'TENANT_NOT_FOUND']);
/** Statuses of requests that were rejected before the platform looked at what they want to change. */
const UNREAD = new Set([400, 408, 413, 414, 415, 421, 431]);
/** No id of the platform is as long. */
const MAX_TARGET_LENGTH = 300;

/**
 * Returns a middleware that writes one entry of the audit log for each change and each refusal of a principal, before the
 * response is sent. Reads are not in the audit log, except reads of credentials, which write their own entries. If the entry cannot be written, the response is a 503: the caller repeats the
 * request, and every change of the API is safe to repeat.
 *
 * @throws StoreError DATABASE_UNAVAILABLE
 */
export function audit(sink: AuditSink, now: () => Date) {
  return createMiddleware<AppEnv>(async (c, next) => {
    await next();
    const outcome = auditedOutcome(c);
    if (outcome === undefined || c.var.isAudited === true) return;
    await sink.record(entryOf(c, { outcome, at: now() }));
  });
}

/** Returns the outcome of a request that belongs in the audit log. */
function auditedOutcome(c: Context<AppEnv>): AuditOutcome | undefined {
  const { identity, operation } = c.var;
  // Without an identity, the sender is unknown. Logins write their own entries.
  if (identity === undefined || operation === undefined) return undefined;
  if (c.error instanceof Problem && REFUSALS.has(c.error.code)) return 'refused';
  if (isRead(c.req.method)) return undefined;
  const { status } = c.res;
  if (status < 400) return 'succeeded';
  const isUnread = UNREAD.has(status) || (c.error instanceof Problem && c.error.code === 'RATE_LIMITED');
  return isUnread ? undefined : 'failed';
}

function entryOf(c: Context<AppEnv>, { outcome, at }: Pick<AuditEntry, 'outcome' | 'at'>): AuditEntry {
  const { identity, operation } = c.var;
  if (identity === undefined || operation === undefined) throw new Error('the request has no principal');
  const change = changeOf(c, operation.id);
  return {
    at,
    tenantId: actsForTenant(operation.id) ? (identity.membership?.tenantId ?? null) : null,
    principal: identity.principal,
    action: operation.id,
    target: targetOf(c, operation.path),
    outcome,
    correlationId: c.var.requestId,
    ...(change === undefined ? {} : { change }),
  };
}

/** Returns whether an operation belongs to a tenant, and not to a person or the platform. */
function actsForTenant(operationId: string): boolean {
  const needs = accessTo(operationId)?.needs;
  return needs !== undefined && needs !== 'public' && needs !== 'user' && needs !== 'operator';
}

/** Returns the resource of a request, such as `store/<id>`: the one in its path, or the one that it has created. */
function targetOf(c: Context<AppEnv>, route: string): string | null {
  const position = route.split('/').findLastIndex((segment) => segment.startsWith(':'));
  const named = position < 0 ? null : resourceAt(c.req.path, position);
  const location = c.res.headers.get('location');
  const created = location === null ? c.var.created : resourceAt(location, location.split('/').length - 1);
  const target = named ?? created ?? null;
  return target === null ? null : target.slice(0, MAX_TARGET_LENGTH);
}

/** Returns the id at a position of a path, behind the name of its collection in the singular. */
function resourceAt(path: string, position: number): string | null {
  const [collection, id] = path.split('/').slice(position - 1, position + 1);
  return collection === undefined || id === undefined ? null : `${collection.replace(/s$/, '')}/${decoded(id)}`;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
