import { bigint, check, index, pgTable, text } from 'drizzle-orm/pg-core';
import { PRINCIPAL_KINDS } from '../../domain/access/principal.ts';
import { AUDIT_OUTCOMES } from '../../domain/ports/audit.ts';
import { oneOf } from './checks.ts';
import { document, instant, untrustedText } from './columns.ts';

/** Actions of principals. Rows are inserted and read, never changed. The retention erases old ones. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant('at').notNull(),
    /** Null: the action concerns the platform, not a tenant. */
    tenantId: text('tenant_id'),
    actor: text('actor').notNull(),
    principal: text('principal', { enum: PRINCIPAL_KINDS }).notNull(),
    /** The operation of the API, such as `deleteStore`. */
    action: text('action').notNull(),
    /** Resource that the action concerns, such as `store/<id>`. */
    target: untrustedText('target'),
    outcome: text('outcome', { enum: AUDIT_OUTCOMES }).notNull(),
    correlationId: text('correlation_id').notNull(),
    /** Changed fields, without secrets. */
    change: document<Readonly<Record<string, unknown>>>('change'),
  },
  (table) => [
    index('audit_log_tenant').on(table.tenantId, table.id),
    index('audit_log_at').on(table.at),
    check('audit_log_principal', oneOf(table.principal, PRINCIPAL_KINDS)),
    check('audit_log_outcome', oneOf(table.outcome, AUDIT_OUTCOMES)),
  ],
);
