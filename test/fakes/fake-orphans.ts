import type { SeenOrphan } from '../../domain/orphans.ts';
import type { OrphanRecords } from '../../domain/ports/orphan-records.ts';

/** The list of orphans in memory, as the API sees it. A test adds entries to the array. */
export function fakeOrphans(entries: SeenOrphan[]): Pick<OrphanRecords, 'list' | 'approve'> {
  return {
    list: async ({ limit, offset, now, maxRemovals }) => {
      const due = entries.filter(({ removableAfter }) => removableAfter !== null && removableAfter <= now);
      const unapproved = due.filter(({ approvedAt }) => approvedAt === null);
      return {
        orphans: entries.slice(offset, offset + limit),
        total: entries.length,
        due: due.length,
        heldBack: due.length > maxRemovals ? unapproved.length : 0,
      };
    },
    approve: async ({ uid, now }) => {
      const index = entries.findIndex((entry) => entry.uid === uid);
      const orphan = entries[index];
      if (orphan === undefined) return { kind: 'notFound' };
      if (orphan.removableAfter === null) return { kind: 'notRemovable', orphan };
      const approved = { ...orphan, approvedAt: orphan.approvedAt ?? now };
      entries[index] = approved;
      return { kind: 'approved', orphan: approved };
    },
  };
}
