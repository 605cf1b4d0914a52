import { and, desc, eq, gte, lt, type SQL } from 'drizzle-orm';
import { actorOf } from '../../domain/access/principal.ts';
import type { AuditEntry, AuditPage, AuditQuery, AuditReader, AuditSink } from '../../domain/ports/audit.ts';
import type { Database, Queries } from '../connection/open-db.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import { auditLog } from '../schema/audit.ts';
import { ofTenant } from '../stores/of-tenant.ts';

/** Creates the audit log on a database. */
export function createAuditRecords(db: Database): AuditSink & AuditReader {
  async function record(entry: AuditEntry): Promise<void> {
    const { tenantId } = entry;
    const insert = (queries: Queries) => queries.insert(auditLog).values(rowOf(entry));
    // The role of tenants may insert an entry and can change none.
    await (tenantId === null ? insert(db) : db.asTenant.query(tenantId, insert));
  }

  return translatingConnectionErrors({
    record,
    listOfTenant: (query: AuditQuery & { readonly tenantId: string }) =>
      db.asTenant.query(query.tenantId, (queries) => list(queries, query)),
    listAll: (query: AuditQuery) => list(db, query),
  });
}

function rowOf({ principal, change, ...entry }: AuditEntry): typeof auditLog.$inferInsert {
  return { ...entry, actor: actorOf(principal), principal: principal.kind, change: change ?? null };
}

async function list(queries: Queries, query: AuditQuery): Promise<AuditPage> {
  const rows = await queries
    .select()
    .from(auditLog)
    .where(filtersOf(query))
    .orderBy(desc(auditLog.id))
    // One more than the page, to know whether another page follows.
    .limit(query.limit + 1);
  const entries = rows.slice(0, query.limit);
  return { entries, next: rows.length > query.limit ? (entries.at(-1)?.id ?? null) : null };
}

function filtersOf({ tenantId, actor, action, target, outcome, from, before, after }: AuditQuery): SQL | undefined {
  return and(
    tenantId === undefined ? undefined : ofTenant(auditLog, tenantId),
    actor === undefined ? undefined : eq(auditLog.actor, actor),
    action === undefined ? undefined : eq(auditLog.action, action),
    target === undefined ? undefined : eq(auditLog.target, target),
    outcome === undefined ? undefined : eq(auditLog.outcome, outcome),
    from === undefined ? undefined : gte(auditLog.at, from),
    before === undefined ? undefined : lt(auditLog.at, before),
    after === undefined ? undefined : lt(auditLog.id, after),
  );
}
