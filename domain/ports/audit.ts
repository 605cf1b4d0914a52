import type { Principal, PrincipalKind } from '../access/principal.ts';

export const AUDIT_OUTCOMES = ['succeeded', 'refused', 'failed'] as const;

export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

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
  readonly outcome: AuditOutcome;
  readonly correlationId: string;
  /** Changed fields, without secrets. */
  readonly change?: Readonly<Record<string, unknown>> | undefined;
}

/** An entry as it is read. */
export interface RecordedAuditEntry extends Omit<AuditEntry, 'principal' | 'change'> {
  /** Newer entries have larger numbers. */
  readonly id: number;
  readonly actor: string;
  readonly principal: PrincipalKind;
  readonly change: Readonly<Record<string, unknown>> | null;
}

export interface AuditQuery {
  /** Undefined: the entries of all tenants and those of the platform. */
  readonly tenantId?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** Only entries at this time or later. */
  readonly from?: Date | undefined;
  /** Only entries that are earlier. */
  readonly before?: Date | undefined;
  /** Only entries with a smaller number: those after the page that ended with it. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** Reads the audit log, newest first. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface AuditReader {
  /** Lists the entries of one tenant. The database hides all others. */
  listOfTenant(query: AuditQuery & { readonly tenantId: string }): Promise<AuditPage>;
  /** Lists entries for operators. */
  listAll(query: AuditQuery): Promise<AuditPage>;
}

export interface AuditPage {
  readonly entries: readonly RecordedAuditEntry[];
  /** Number of the last entry, if another page follows. Null: this is the last page. */
  readonly next: number | null;
}

/** Writes the audit log. */
export interface AuditSink {
  /** @throws StoreError DATABASE_UNAVAILABLE: then the action must not happen, or its answer must not be sent. */
  record(entry: AuditEntry): Promise<void>;
}
