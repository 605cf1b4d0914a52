import type { Pool } from 'pg';

/**
 * A worker that is killed leaves its jobs locked, and the queue unlocks them after 4 hours. So each worker writes down
 * that it lives, and frees what belongs to those that have stopped doing so.
 */

const BEAT_EVERY_MS = 1_000;

export const LIVENESS_SCHEMA =
  'create table queue_workers (pool_id text primary key, seen_at timestamptz not null default now())';

const BEAT =
  'insert into queue_workers (pool_id) values ($1) on conflict (pool_id) do update set seen_at = excluded.seen_at';

/** Locks whose holder has not been seen for as long as $1, in milliseconds; a lock that is younger may precede a first beat. */
const ORPHANED = `
  select distinct locked_by as pool_id from graphile_worker.jobs
  where locked_at < now() - $1 * interval '1 millisecond' and not exists (
    select from queue_workers
    where pool_id = locked_by and seen_at > now() - $1 * interval '1 millisecond'
  )`;

/** The attempt that died is given back: it says nothing about the job, and after the last one the job would never run. */
const FREE = `
  with freed as (select id, attempts from graphile_worker.jobs where locked_by = any($1)),
  unlocked as (select graphile_worker.force_unlock_workers($1))
  select id, attempts from freed, unlocked`;

const GIVE_BACK = 'select graphile_worker.reschedule_jobs(array[$1::bigint], run_at := now(), attempts := $2)';

/** Beats for a worker and frees the jobs of dead ones, until it is stopped. A beat that fails is followed by another. */
export function keepAlive(
  pool: Pool,
  { poolId, deadAfterMs }: { readonly poolId: string; readonly deadAfterMs: number },
): { stop(): Promise<void> } {
  let underWay: Promise<void> = Promise.resolve();

  async function beat(): Promise<void> {
    await pool.query(BEAT, [poolId]);
    const dead = await pool.query<{ pool_id: string }>(ORPHANED, [deadAfterMs]);
    if (dead.rows.length > 0) await free(dead.rows.map((row) => row.pool_id));
  }

  async function free(poolIds: readonly string[]): Promise<void> {
    const { rows } = await pool.query<{ id: string; attempts: number }>(FREE, [poolIds]);
    for (const { id, attempts } of rows) await pool.query(GIVE_BACK, [id, Math.max(0, attempts - 1)]);
    await pool.query('delete from queue_workers where pool_id = any($1)', [poolIds]);
  }

  const tick = () => void (underWay = underWay.then(beat).catch(() => undefined));
  tick();
  const timer = setInterval(tick, BEAT_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
