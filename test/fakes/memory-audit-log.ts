import { actorOf } from '../../domain/access/principal.ts';
import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
  AuditReader,
  AuditSink,
  RecordedAuditEntry,
} from '../../domain/ports/audit.ts';

/** The audit log in memory. */
export class MemoryAuditLog implements AuditSink, AuditReader {
  /** The entries as they were written, oldest first. */
  readonly entries: AuditEntry[] = [];
  /** Makes each write fail. */
  fault: Error | undefined;

  async record(entry: AuditEntry): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.entries.push(entry);
  }

  listOfTenant(query: AuditQuery & { readonly tenantId: string }): Promise<AuditPage> {
    return this.listAll(query);
  }

  async listAll({ limit, after = Infinity, ...query }: AuditQuery): Promise<AuditPage> {
    const found = this.entries
      .map((entry, index) => recordedOf(entry, index + 1))
      .filter((entry) => entry.id < after && matches(entry, query))
      .toReversed();
    const page = found.slice(0, limit);
    return { entries: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
  }
}

function recordedOf({ principal, change, ...entry }: AuditEntry, id: number): RecordedAuditEntry {
  return { ...entry, id, actor: actorOf(principal), principal: principal.kind, change: change ?? null };
}

function matches(entry: RecordedAuditEntry, { from, before, ...equal }: Omit<AuditQuery, 'limit' | 'after'>): boolean {
  return (
    (from === undefined || entry.at >= from) &&
    (before === undefined || entry.at < before) &&
    Object.entries(equal).every(([name, value]) => value === undefined || entry[name as keyof typeof equal] === value)
  );
}
