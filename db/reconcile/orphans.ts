import { and, asc, count, eq, isNotNull, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { ApprovalResult, OrphanRecords } from '../../domain/ports/orphan-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { orphans } from '../schema/orphans.ts';

/** Held-back orphans that a log line names. */
const EXAMPLES = 5;
const OLDEST_FIRST = [asc(orphans.firstSeen), asc(orphans.uid)] as const;

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
          // The operator has approved the removal of an orphan with this reason.
          approvedAt: sql`case when excluded.removable_after is not null and excluded.reason = ${orphans.reason}
            then ${orphans.approvedAt} end`,
        },
      });
  }

  async function holdBack({ cluster, now, maxRemovals }: Parameters<OrphanRecords['holdBack']>[0]) {
    const isDueHere = and(eq(orphans.cluster, cluster), isDue(now));
    const due = await db.$count(orphans, isDueHere);
    if (due > maxRemovals) {
      const isNews = or(isNull(orphans.heldBackWith), lt(orphans.heldBackWith, due));
      await db.update(orphans).set({ heldBackWith: due }).where(and(isDueHere, isNews));
    }
    const isHeld = and(isDueHere, isHeldBack(maxRemovals));
    const [heldBack, examples] = await Promise.all([
      db.$count(orphans, isHeld),
      db
        .select()
        .from(orphans)
        .where(isHeld)
        .orderBy(...OLDEST_FIRST)
        .limit(EXAMPLES),
    ]);
    return { heldBack, examples };
  }

  async function approve({ uid, now }: Parameters<OrphanRecords['approve']>[0]): Promise<ApprovalResult> {
    const [approved] = await db
      .update(orphans)
      .set({ approvedAt: sql`coalesce(${orphans.approvedAt}, ${now.toISOString()})` })
      .where(and(eq(orphans.uid, uid), isNotNull(orphans.removableAfter)))
      .returning();
    if (approved !== undefined) return { kind: 'approved', orphan: approved };
    const [orphan] = await db.select().from(orphans).where(eq(orphans.uid, uid));
    return orphan === undefined ? { kind: 'notFound' } : { kind: 'notRemovable', orphan };
  }

  async function list(query: Parameters<OrphanRecords['list']>[0]) {
    const { limit, offset, now, maxRemovals } = query;
    const counts = {
      total: count(),
      due: countIf(isDue(now)),
      unapproved: countIf(and(isDue(now), isNull(orphans.approvedAt))),
      heldBack: countIf(and(isDue(now), isHeldBack(maxRemovals))),
    };
    const [page, clusters] = await Promise.all([
      db
        .select()
        .from(orphans)
        .orderBy(...OLDEST_FIRST)
        .limit(limit)
        .offset(offset),
      db.select(counts).from(orphans).groupBy(orphans.cluster),
    ]);
    // The limit applies to each cluster.
    const heldBackIn = ({ due, unapproved, heldBack }: (typeof clusters)[number]): number =>
      due > maxRemovals ? unapproved : heldBack;
    return {
      orphans: page,
      total: sumOf(clusters.map(({ total }) => total)),
      due: sumOf(clusters.map(({ due }) => due)),
      heldBack: sumOf(clusters.map(heldBackIn)),
    };
  }

  return translatingConnectionErrors({
    noteSeen,
    forgetUnseen: async ({ cluster, before }) =>
      void (await db.delete(orphans).where(and(eq(orphans.cluster, cluster), lt(orphans.lastSeen, before)))),
    holdBack,
    listRemovable: ({ cluster, now, maxRemovals }) =>
      db
        .select()
        .from(orphans)
        .where(and(eq(orphans.cluster, cluster), isDue(now), sql`not ${isHeldBack(maxRemovals)}`))
        .orderBy(...OLDEST_FIRST),
    countDue: ({ cluster, now }) => db.$count(orphans, and(eq(orphans.cluster, cluster), isDue(now))),
    approve,
    forget: async (uid) => void (await db.delete(orphans).where(eq(orphans.uid, uid))),
    list,
  });
}

function isDue(now: Date) {
  return and(isNotNull(orphans.removableAfter), lte(orphans.removableAfter, now));
}

function isHeldBack(maxRemovals: number) {
  return sql`(${orphans.approvedAt} is null and coalesce(${orphans.heldBackWith}, 0) > ${maxRemovals})`;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

function countIf(condition: ReturnType<typeof and>) {
  return sql<number>`count(*) filter (where ${condition})`.mapWith(Number);
}
