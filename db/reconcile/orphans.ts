import { and, asc, count, eq, isNotNull, lt, lte, sql } from 'drizzle-orm';
import type { OrphanRecords } from '../../domain/ports/orphan-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { orphans } from '../schema/orphans.ts';

/** Creates the list of orphans on a database. */
export function createOrphanRecords(db: Database): OrphanRecords {
  async function noteSeen({
    cluster,
    orphans: seen,
    graceSeconds,
    passBegan,
    now,
  }: Parameters<OrphanRecords['noteSeen']>[0]) {
    if (seen.length === 0) return;
    const after = new Date(now.getTime() + graceSeconds * 1_000);
    const rows = seen.map(({ isRemovable, ...orphan }) => ({
      ...orphan,
      cluster,
      firstSeen: now,
      lastSeen: passBegan,
      removableAfter: isRemovable ? after : null,
    }));
    await db
      .insert(orphans)
      .values(rows)
      .onConflictDoUpdate({
        target: orphans.uid,
        set: {
          reason: sql`excluded.reason`,
          lastSeen: sql`excluded.last_seen`,
          // The current grace period counts from the first sight. If the orphan became removable now, it counts from
          // now.
          removableAfter: sql`case when excluded.removable_after is null then null
            when ${orphans.removableAfter} is null then excluded.removable_after
            else ${orphans.firstSeen} + make_interval(secs => ${graceSeconds}) end`,
          firstSeen: sql`case when excluded.removable_after is not null and ${orphans.removableAfter} is null
            then excluded.first_seen else ${orphans.firstSeen} end`,
        },
      });
  }

  async function list(query: Parameters<OrphanRecords['list']>[0]) {
    const { limit, offset, now } = query;
    const [page, [counted]] = await Promise.all([
      db.select().from(orphans).orderBy(asc(orphans.firstSeen), asc(orphans.uid)).limit(limit).offset(offset),
      db
        .select({ total: count(), due: sql<number>`count(*) filter (where ${isDue(now)})`.mapWith(Number) })
        .from(orphans),
    ]);
    return { orphans: page, total: counted?.total ?? 0, due: counted?.due ?? 0 };
  }

  return translatingConnectionErrors({
    noteSeen,
    forgetUnseen: async ({ cluster, before }) =>
      void (await db.delete(orphans).where(and(eq(orphans.cluster, cluster), lt(orphans.lastSeen, before)))),
    listDue: ({ cluster, now, limit }) =>
      db
        .select()
        .from(orphans)
        .where(and(eq(orphans.cluster, cluster), isDue(now)))
        .orderBy(asc(orphans.firstSeen), asc(orphans.uid))
        .limit(limit),
    forget: async (uid) => void (await db.delete(orphans).where(eq(orphans.uid, uid))),
    list,
  });
}

function isDue(now: Date) {
  return and(isNotNull(orphans.removableAfter), lte(orphans.removableAfter, now));
}
