import type { Pool } from 'pg';

/** The queue can't reach a job that runs, so the job asks: a cancel waits for this long at most. */
const ASK_EVERY_MS = 1_000;

export interface CancelWatch {
  /** Aborted once the cancel was seen. */
  readonly signal: AbortSignal;
  /** Asks now. @throws the signal's reason when a cancel was requested. */
  check(): Promise<void>;
  stop(): void;
}

/** Watches, while a job runs, whether its store is to be cancelled. */
export function watchCancel(isRequested: () => Promise<boolean>): CancelWatch {
  const abort = new AbortController();

  async function look(): Promise<void> {
    if (!abort.signal.aborted && (await isRequested())) abort.abort(new Error('cancelled on request'));
  }

  // A look that fails is followed by another; what is wrong with the database shows at the next step.
  const timer = setInterval(() => void look().catch(() => undefined), ASK_EVERY_MS);
  return {
    signal: abort.signal,
    check: async () => {
      await look();
      abort.signal.throwIfAborted();
    },
    stop: () => clearInterval(timer),
  };
}

/** Ends the back-off of a store's job: a cancel must not wait for minutes behind it. */
export async function wakeJobs(pool: Pool, storeId: string): Promise<void> {
  await pool.query(
    `select graphile_worker.reschedule_jobs(array_agg(id), run_at := now())
     from graphile_worker.jobs where queue_name = $1 and locked_at is null`,
    [`store/${storeId}`],
  );
}
