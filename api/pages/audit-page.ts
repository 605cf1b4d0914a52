import type { Context } from 'hono';
import type { Principal } from '../../domain/access/principal.ts';
import type { AuditEntry, AuditSink } from '../../domain/ports/audit.ts';
import type { AppEnv } from '../app-env.ts';

/** Writes the entry of an action on a page. The middleware of the audit log sees only operations of the API. */
export type AuditPage = (
  c: Context<AppEnv>,
  entry: Pick<AuditEntry, 'action' | 'tenantId' | 'target' | 'change'> & { readonly principal: Principal },
) => Promise<void>;

/** Returns a function that writes the entries of successful actions. */
export function auditPages(sink: AuditSink, now: () => Date): AuditPage {
  return (c, entry) => sink.record({ ...entry, at: now(), outcome: 'succeeded', correlationId: c.var.requestId });
}
