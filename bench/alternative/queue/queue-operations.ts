import { runMigrations } from 'graphile-worker';
import type { Pool } from 'pg';
import type { StoreOperations } from '../../../temporal/store-operations.ts';
import { wakeJobs } from './cancel.ts';
import { LIVENESS_SCHEMA } from './dead-workers.ts';
import { RUN_STATE_SCHEMA } from './run-state.ts';

/** With the queue's back-off, about half an hour of failures that may pass. */
const PROVISION_ATTEMPTS = 8;

/**
 * A store and the job that makes it come into being in one transaction: no store without its job, and no reconciler for
 * such stores. Jobs of one queue name run one after the other: the store's mutex.
 */
const ENQUEUE = `
  create function enqueue_provision() returns trigger language plpgsql as $$
  begin
    perform graphile_worker.add_job(
      'provision', json_build_object('tenantId', new.tenant_id, 'storeId', new.id),
      queue_name := 'store/' || new.id, max_attempts := ${PROVISION_ATTEMPTS}
    );
    return new;
  end $$;
  create trigger enqueue_provision after insert on stores for each row execute function enqueue_provision();
  create trigger enqueue_retry after update on stores for each row
    when (old.operation_ended_at is not null and new.operation_ended_at is null)
    execute function enqueue_provision()`;

/** Brings a migrated database of the platform to where the queue's workers can work on it. */
export async function prepareQueue(pool: Pool): Promise<void> {
  await runMigrations({ pgPool: pool });
  for (const statement of [RUN_STATE_SCHEMA, LIVENESS_SCHEMA, ENQUEUE]) await pool.query(statement);
}

/** The queue in Temporal's place, behind the same API. Deletes and holds are not part of the comparison. */
export function createQueueOperations(pool: Pool): StoreOperations {
  return {
    // The transaction that wrote the record has enqueued the job.
    start: async () => ({ kind: 'alreadyStarted' }),
    // The job reads the wish from the record.
    cancel: async (storeId) => {
      await wakeJobs(pool, storeId);
      return 'requested';
    },
    signal: async () => 'notRunning',
    observe: async (storeId) => {
      const { rowCount } = await pool.query('select from graphile_worker.jobs where queue_name = $1', [
        `store/${storeId}`,
      ]);
      return rowCount === 0 ? { kind: 'closed', at: null } : { kind: 'open' };
    },
    ping: async () => void (await pool.query('select 1')),
  };
}
