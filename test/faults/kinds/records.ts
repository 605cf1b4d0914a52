import { setTimeout as delay } from 'node:timers/promises';
import { workflowIdOf } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import { violation } from '../checks/violation.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';
import type { FaultEnvironment } from '../environment/environment.ts';

const MINUTE_MS = 60_000;
/** Temporal rejects a search attribute of more than 2 kB, so the run of such a tenant can never start. */
const REJECTED_TENANT = 'x'.repeat(3_000);
/** The reconciler reads the records in the order of their ids: these come before all others. */
const POISONED = [
  { id: '00000000-0000-5000-8000-000000000001', status: 'requested', kind: 'provision', runId: null },
  { id: '00000000-0000-5000-8000-000000000002', status: 'provisioning', kind: 'provision', runId: 'lost' },
  { id: '00000000-0000-5000-8000-000000000003', status: 'deleting', kind: 'delete', runId: 'lost' },
] as const;
const TRIED_DEADLINE_MS = 120_000;

async function insertPoisoned({ db }: FaultEnvironment): Promise<void> {
  for (const { id, status, kind, runId } of POISONED) {
    const name = `poisoned-${id.slice(-1)}`;
    await db.query(
      `insert into stores (id, tenant_id, idempotency_key, request_hash, name, engine, cluster, status, slug, namespace, release_name,
         host, storefront_url, admin_url, chart_version, last_seq, created_at, updated_at)
       values ($1, $2, $3, 'hash', $3, 'woocommerce', 'default', $4, $3, 'store-' || $3, $3, $3 || '.localhost',
         'http://' || $3 || '.localhost/', 'http://' || $3 || '.localhost/admin', '0', 0, now(), now() - interval '1 hour')`,
      [id, REJECTED_TENANT, name, status],
    );
    await db.query(
      `insert into operations (store_id, tenant_id, cluster, kind, status, is_current, workflow_id, run_id, requested_by,
         correlation_id, undelete_window_seconds, volume_policy, requested_at)
       values ($1, $2, 'default', $3, $4, true, $5, $6, 'test', $7, $8, $9, now() - interval '1 hour')`,
      [
        id,
        REJECTED_TENANT,
        kind,
        runId === null ? 'requested' : 'running',
        workflowIdOf(id),
        runId,
        name,
        kind === 'delete' ? 0 : null,
        kind === 'delete' ? '"delete"' : null,
      ],
    );
  }
}

async function deletePoisoned({ db }: FaultEnvironment): Promise<void> {
  const ids = [POISONED.map(({ id }) => id)];
  await db.query('delete from store_events where store_id = any($1)', ids);
  await db.query('delete from operations where store_id = any($1)', ids);
  await db.query('delete from stores where id = any($1)', ids);
}

/** Returns the poisoned records that the reconciler has tried to start again. */
async function triedRecords({ db }: FaultEnvironment): Promise<number> {
  const { rows } = await db.query<{ tried: number }>(
    'select count(*)::int as tried from operations where store_id = any($1) and restarts > 0',
    [POISONED.map(({ id }) => id)],
  );
  return rows[0]?.tried ?? 0;
}

const poisonedRecord: FaultKind = {
  kind: 'poisoned-record',
  title: 'Three records whose runs Temporal rejects come first in every pass, while the API reaches Temporal for none',
  setUp: ({ environment }) => insertPoisoned(environment),
  inject: async (context: FaultContext) => {
    const { environment, outageMs, markHealed } = context;
    // The creates of this time have a record and no run: only the reconciler starts them, behind the poisoned records.
    environment.api.links.temporal.setMode({ kind: 'refused' });
    await delay(outageMs(MINUTE_MS));
    environment.api.links.temporal.setMode({ kind: 'open' });
    markHealed();
    const expected = POISONED.filter(({ runId }) => runId !== null).length;
    try {
      await eventually(async () => (await triedRecords(environment)) === expected, {
        deadlineMs: TRIED_DEADLINE_MS,
        intervalMs: 1_000,
      });
      return [];
    } catch {
      return [violation('I9', `the reconciler tried ${await triedRecords(environment)} of ${expected} lost runs`)];
    }
  },
  tearDown: ({ environment }) => deletePoisoned(environment),
};

export const RECORD_KINDS: readonly FaultKind[] = [poisonedRecord];
