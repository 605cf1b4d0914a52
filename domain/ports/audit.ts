import type { Principal } from '../access/principal.ts';

export const AUDIT_OUTCOMES = ['succeeded', 'refused', 'failed'] as const;

/** One line of the audit log. */
export interface AuditEntry {
  readonly at: Date;
  /** Null: the action concerns the platform, not a tenant. */
  readonly tenantId: string | null;
  readonly principal: Principal;
  /** The operation of the API, such as `deleteStore`. */
  readonly action: string;
  /** Resource that the action concerns, such as `store/<id>`. */
  readonly target: string | null;
  readonly outcome: (typeof AUDIT_OUTCOMES)[number];
  readonly correlationId: string;
  /** Changed fields, without secrets. */
  readonly change?: Readonly<Record<string, unknown>> | undefined;
}

/** Writes the audit log. */
export interface AuditSink {
  /** @throws StoreError DATABASE_UNAVAILABLE: then the action must not happen, or its answer must not be sent. */
  record(entry: AuditEntry): Promise<void>;
}
