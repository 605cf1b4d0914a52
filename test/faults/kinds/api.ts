import { randomUUID } from 'node:crypto';
import { workflowIdOf } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import { violation } from '../checks/violation.ts';
import { storeIdOfKey } from '../traffic/client.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

const API = 'store-platform api';
const DEADLINE_MS = 30_000;

/** Sends a create that will not be answered by the API that gets it. The client repeats it until another one answers. */
function createInVain({ client, runName }: FaultContext): {
  readonly storeId: string;
  readonly answered: Promise<unknown>;
} {
  const key = `${runName}-victim-${randomUUID().slice(0, 8)}`;
  return { storeId: storeIdOfKey(key), answered: client.create({ key, name: `Shop ${key}`, engine: 'medusa' }) };
}

async function isRecorded({ environment }: FaultContext, storeId: string): Promise<boolean> {
  const { rowCount } = await environment.db.query('select 1 from stores where id = $1', [storeId]);
  return rowCount === 1;
}

async function bringBack({ environment, markHealed }: FaultContext): Promise<void> {
  environment.api.links.temporal.setMode({ kind: 'open' });
  await environment.api.ensureAlive();
  markHealed();
}

const beforeCommit: FaultKind = {
  kind: 'kill-api-before-commit',
  title: 'SIGKILL of the API while its insert waits',
  inject: async (context) => {
    const { environment } = context;
    const locker = await environment.db.connect();
    let victim: ReturnType<typeof createInVain>;
    try {
      await locker.query('begin');
      await locker.query('lock table stores in exclusive mode');
      victim = createInVain(context);
      const waiting = `select pid from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock' and query like '%insert into "stores"%'`;
      await eventually(async () => ((await environment.db.query(waiting, [API])).rowCount ?? 0) > 0, {
        deadlineMs: DEADLINE_MS,
      });
      await environment.api.kill();
      // A session whose client is gone would go on as soon as it may, and commit.
      await environment.db.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
        API,
      ]);
    } finally {
      await locker.query('rollback').finally(() => locker.release());
    }
    const isThere = await isRecorded(context, victim.storeId);
    await bringBack(context);
    await victim.answered;
    return isThere
      ? [violation('I6', `${victim.storeId} was recorded by an API that was killed before its commit`)]
      : [];
  },
};

const beforeStart: FaultKind = {
  kind: 'kill-api-before-start',
  title: 'SIGKILL of the API between commit and start',
  inject: async (context) => {
    const { environment } = context;
    environment.api.links.temporal.setMode({ kind: 'hanging' });
    const victim = createInVain(context);
    await eventually(() => isRecorded(context, victim.storeId), { deadlineMs: DEADLINE_MS, intervalMs: 10 });
    await environment.api.kill();
    await bringBack(context);
    await victim.answered;
  },
};

const afterStart: FaultKind = {
  kind: 'kill-api-after-start',
  title: 'SIGKILL of the API after the start, before its answer',
  inject: async (context) => {
    const { environment } = context;
    environment.api.links.temporal.setMode({ kind: 'mute' });
    const victim = createInVain(context);
    const run = environment.temporal.workflow.getHandle(workflowIdOf(victim.storeId));
    await eventually(() => run.describe(), { deadlineMs: DEADLINE_MS, intervalMs: 20 });
    await environment.api.kill();
    await bringBack(context);
    await victim.answered;
  },
};

export const API_KINDS: readonly FaultKind[] = [beforeCommit, beforeStart, afterStart];
