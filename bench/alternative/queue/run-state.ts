import type { Pool } from 'pg';
import type { OperationFailure, StepRecord } from '../../../domain/operations.ts';
import type { Step } from '../../../domain/store-state.ts';
import type { NodeKind, Verification } from '../../../domain/store.ts';

/** Where a provision is. Written after each step, so that a later attempt goes on instead of beginning again. */
export interface RunState {
  readonly completed: readonly StepRecord[];
  readonly nodes: NodeKind | null;
  readonly revision: number | null;
  readonly verification: Verification | null;
  /** Set once it is decided that the steps are undone; without a failure, the provision was cancelled. */
  readonly undoing: { readonly failure: OperationFailure | null; readonly step: Step | null } | null;
  readonly undone: readonly string[];
}

export interface RunStates {
  /** The state of a run; a run that is not known yet has done nothing. */
  load(runId: string): Promise<RunState>;
  save(runId: string, state: RunState): Promise<void>;
  /** From now on the run is undone, by a job of its own: both or neither, or a crash in between would lose the undo. */
  handOver(job: UndoJob, state: RunState): Promise<void>;
}

export interface UndoJob {
  readonly runId: string;
  readonly tenantId: string;
  readonly storeId: string;
}

const NOTHING_DONE: RunState = {
  completed: [],
  nodes: null,
  revision: null,
  verification: null,
  undoing: null,
  undone: [],
};
/** Undoing is tried for longer than anything else, since giving up leaves something behind: about nine hours. */
const UNDO_ATTEMPTS = 10;

export const RUN_STATE_SCHEMA = 'create table provision_runs (run_id text primary key, state jsonb not null)';

const SAVE =
  'insert into provision_runs (run_id, state) values ($1, $2) on conflict (run_id) do update set state = excluded.state';

export function createRunStates(pool: Pool): RunStates {
  async function load(runId: string): Promise<RunState> {
    const { rows } = await pool.query<{ state: RunState }>('select state from provision_runs where run_id = $1', [
      runId,
    ]);
    return rows[0]?.state ?? NOTHING_DONE;
  }

  async function save(runId: string, state: RunState): Promise<void> {
    await pool.query(SAVE, [runId, state]);
  }

  async function handOver(job: UndoJob, state: RunState): Promise<void> {
    await pool.query(
      `with saved as (${SAVE} returning run_id)
       select graphile_worker.add_job('undo-provision', $3::json, queue_name := $4, max_attempts := $5) from saved`,
      [job.runId, state, JSON.stringify(job), `store/${job.storeId}`, UNDO_ATTEMPTS],
    );
  }

  return { load, save, handOver };
}
