import { isNotNull, sql } from 'drizzle-orm';
import { DatabaseError } from 'pg';
import type { RecordedPause, RemovalRecords } from '../../domain/ports/removal-records.ts';
import type { DatabaseState, RemovalState } from '../../domain/removals.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { removals } from '../schema/removals.ts';

/** SQLSTATE of a function that the role may not call. */
const NO_PERMISSION = '42501';
/** The confirmation stays: each cluster that remembers the pause must find it. */
const NO_PAUSE = { pausedSince: null, reason: null } as const;

/** Creates the records about the pause of removals on a database. */
export function createRemovalRecords(db: Database): RemovalRecords {
  /** Returns null when the role of the platform may not call the function. */
  async function readUnlessForbidden(expression: ReturnType<typeof sql>): Promise<string | null> {
    try {
      const { rows } = await db.execute<{ value: string }>(sql`select (${expression})::text as value`);
      return rows[0]?.value ?? null;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (cause instanceof DatabaseError && cause.code === NO_PERMISSION) return null;
      throw error;
    }
  }

  async function check(): Promise<DatabaseState> {
    const [row] = await db
      .insert(removals)
      .values({ checks: 1 })
      .onConflictDoUpdate({ target: removals.singleton, set: { checks: sql`${removals.checks} + 1` } })
      .returning({ checks: removals.checks });
    const oid = await readUnlessForbidden(sql`select oid from pg_database where datname = current_database()`);
    const systemIdentifier = await readUnlessForbidden(sql`select system_identifier from pg_control_system()`);
    const timeline = await readUnlessForbidden(sql`select timeline_id from pg_control_checkpoint()`);
    return {
      systemIdentifier,
      timeline: timeline === null ? null : Number(timeline),
      oid: oid ?? '',
      checks: row?.checks ?? 0,
    };
  }

  async function read(): Promise<RecordedPause> {
    const [row] = await db.select().from(removals);
    return { since: row?.pausedSince ?? null, reason: row?.reason ?? null, confirmed: row?.confirmed ?? null };
  }

  async function pause({ since, reason }: Parameters<RemovalRecords['pause']>[0]): Promise<void> {
    const set = { pausedSince: since, reason };
    await db.insert(removals).values(set).onConflictDoUpdate({ target: removals.singleton, set });
  }

  async function confirm(): Promise<RemovalState> {
    const set = { confirmed: sql`${removals.pausedSince}` };
    await db.update(removals).set(set).where(isNotNull(removals.pausedSince));
    return stateOf(await read());
  }

  return translatingConnectionErrors({
    check,
    read,
    pause,
    activate: async () => void (await db.update(removals).set(NO_PAUSE)),
    state: async () => stateOf(await read()),
    confirm,
  });
}

function stateOf({ since, reason, confirmed }: RecordedPause): RemovalState {
  if (since === null) return { state: 'active', reason: null, since: null };
  return { state: confirmed?.getTime() === since.getTime() ? 'resuming' : 'paused', reason, since };
}
