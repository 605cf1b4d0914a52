import { and, asc, count, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { AdoptedStore, DecisionResult, UnaccountedRecords } from '../../domain/ports/unaccounted-records.ts';
import type { SeenUnaccounted } from '../../domain/unaccounted.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { stores } from '../schema/stores.ts';
import { unaccounted } from '../schema/unaccounted.ts';
import { insertAdopted } from '../stores/adopted.ts';

/** Creates the list of unaccounted namespaces on a database. */
export function createUnaccountedRecords(db: Database): UnaccountedRecords {
  async function noteSeen({ namespaces, passBegan, now }: Parameters<UnaccountedRecords['noteSeen']>[0]) {
    if (namespaces.length === 0) return [];
    const recorded = await recordedAmong(namespaces.map(({ namespace }) => namespace));
    const rows = namespaces
      .filter(({ namespace }) => !recorded.includes(namespace))
      .map((seen) => ({ ...seen, firstSeen: now, lastSeen: passBegan }));
    if (rows.length === 0) return [];
    return db
      .insert(unaccounted)
      .values(rows)
      .onConflictDoUpdate({
        target: unaccounted.namespace,
        set: {
          uid: sql`excluded.uid`,
          target: sql`excluded.target`,
          evidence: sql`excluded.evidence`,
          lastSeen: sql`excluded.last_seen`,
          // No operator has decided about a namespace that was created again, or whose record was lost again.
          firstSeen: ifSame(sql`${unaccounted.firstSeen}`, sql`excluded.first_seen`),
          decision: ifSame(sql`${unaccounted.decision}`),
          decidedAt: ifSame(sql`${unaccounted.decidedAt}`),
          problem: ifSame(sql`${unaccounted.problem}`),
          adoptedAt: sql`null`,
        },
      })
      .returning();
  }

  /** Returns the namespaces that got a record since the reconciler listed them. */
  async function recordedAmong(namespaces: readonly string[]): Promise<readonly string[]> {
    const rows = await db
      .select({ namespace: stores.namespace })
      .from(stores)
      .where(inArray(stores.namespace, [...namespaces]));
    return rows.map(({ namespace }) => namespace);
  }

  async function find(namespace: string): Promise<SeenUnaccounted | undefined> {
    const [entry] = await db.select().from(unaccounted).where(eq(unaccounted.namespace, namespace));
    return entry;
  }

  async function list({ limit, offset }: Parameters<UnaccountedRecords['list']>[0]) {
    const isOpen = isNull(unaccounted.adoptedAt);
    const [entries, [counted]] = await Promise.all([
      db
        .select()
        .from(unaccounted)
        .where(isOpen)
        .orderBy(asc(unaccounted.firstSeen), asc(unaccounted.namespace))
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(unaccounted).where(isOpen),
    ]);
    return { entries, total: counted?.total ?? 0 };
  }

  async function decide(input: Parameters<UnaccountedRecords['decide']>[0]): Promise<DecisionResult> {
    const { namespace, decision, now } = input;
    return db.transaction(async (tx) => {
      const [entry] = await tx.select().from(unaccounted).where(eq(unaccounted.namespace, namespace)).for('update');
      const [record] = await tx.select({ id: stores.id }).from(stores).where(eq(stores.namespace, namespace));
      if (entry !== undefined && entry.adoptedAt !== null && decision === 'adopt') return { kind: 'decided', entry };
      if (record !== undefined) return { kind: 'recorded', storeId: record.id };
      if (entry === undefined) return { kind: 'notFound' };
      if (entry.decision === decision) return { kind: 'decided', entry };
      const [decided] = await tx
        .update(unaccounted)
        .set({ decision, decidedAt: now, problem: null })
        .where(eq(unaccounted.namespace, namespace))
        .returning();
      return { kind: 'decided', entry: decided ?? entry };
    });
  }

  async function adopt(store: AdoptedStore, now: Date): Promise<'adopted' | 'recorded'> {
    return db.transaction(async (tx) => {
      if (!(await insertAdopted(tx, store, now))) return 'recorded';
      await tx
        .update(unaccounted)
        .set({ adoptedAt: now, problem: null })
        .where(eq(unaccounted.namespace, store.target.namespace));
      return 'adopted';
    });
  }

  return translatingConnectionErrors({
    noteSeen,
    forgetUnseen: async ({ cluster, before }) => {
      const isIn = sql`${unaccounted.target} ->> 'cluster' = ${cluster}`;
      await db.delete(unaccounted).where(and(isIn, lt(unaccounted.lastSeen, before), isNull(unaccounted.adoptedAt)));
    },
    countUndecided: () => db.$count(unaccounted, and(isNull(unaccounted.decision), isNull(unaccounted.adoptedAt))),
    find,
    list,
    decide,
    noteProblem: async ({ namespace, problem }) =>
      void (await db.update(unaccounted).set({ problem }).where(eq(unaccounted.namespace, namespace))),
    adopt,
  });
}

/** Returns the value of a row that is still about the same loss of the same object, otherwise `otherwise`. */
function ifSame(value: ReturnType<typeof sql>, otherwise = sql`null`) {
  const isSame = sql`${unaccounted.uid} = excluded.uid and ${unaccounted.adoptedAt} is null`;
  return sql`case when ${isSame} then ${value} else ${otherwise} end`;
}
