import { randomUUID } from 'node:crypto';
import { workflowIdOf } from '../../../domain/names.ts';
import { eventually } from '../../harness/eventually.ts';
import { endSessions } from '../../harness/stack/sessions.ts';
import { violation } from '../checks/violation.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

const API = 'store-platform api';
const DEADLINE_MS = 30_000;

/** Sends a create to an API that will be killed before it responds. The client repeats the request until another API responds. */
function startInterruptedCreate({ client, runName }: FaultContext): {
  readonly storeId: string;
  readonly response: Promise<unknown>;
} {
  const key = `${runName}-interrupted-${randomUUID().slice(0, 8)}`;
  return { storeId: client.storeIdOfKey(key), response: client.create({ key, name: `Shop ${key}`, engine: 'medusa' }) };
}

async function isRecorded({ environment }: FaultContext, storeId: string): Promise<boolean> {
  const { rowCount } = await environment.db.query('select 1 from stores where id = $1', [storeId]);
  return rowCount === 1;
}

async function restoreApi({ environment, markHealed }: FaultContext): Promise<void> {
  environment.api.links.temporal.setMode({ kind: 'open' });
  await environment.api.ensureAlive();
  markHealed();
}

const beforeCommit: FaultKind = {
  kind: 'kill-api-before-commit',
  title: 'SIGKILL of the API while its insert waits for a lock',
  inject: async (context) => {
    const { environment } = context;
    const locker = await environment.db.connect();
    let create: ReturnType<typeof startInterruptedCreate>;
    try {
      await locker.query('begin');
      await locker.query('lock table stores in exclusive mode');
      create = startInterruptedCreate(context);
      const waiting = `select pid from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock' and query like '%insert into "stores"%'`;
      await eventually(async () => ((await environment.db.query(waiting, [API])).rowCount ?? 0) > 0, {
        deadlineMs: DEADLINE_MS,
      });
      await environment.api.kill();
      // Postgres would complete and commit the insert of the killed API when the lock is released: end its session.
      await endSessions(environment.db, { applicationName: API });
    } finally {
      await locker.query('rollback').finally(() => locker.release());
    }
    const isPresent = await isRecorded(context, create.storeId);
    await restoreApi(context);
    await create.response;
    return isPresent
      ? [violation('I6', `an API that was killed before its commit recorded the store ${create.storeId}`)]
      : [];
  },
};

const beforeStart: FaultKind = {
  kind: 'kill-api-before-start',
  title: 'SIGKILL of the API after the commit, before it starts the workflow',
  inject: async (context) => {
    const { environment } = context;
    environment.api.links.temporal.setMode({ kind: 'hanging' });
    const create = startInterruptedCreate(context);
    await eventually(() => isRecorded(context, create.storeId), { deadlineMs: DEADLINE_MS, intervalMs: 10 });
    await environment.api.kill();
    await restoreApi(context);
    await create.response;
  },
};

const afterStart: FaultKind = {
  kind: 'kill-api-after-start',
  title: 'SIGKILL of the API after it starts the workflow, before its response',
  inject: async (context) => {
    const { environment } = context;
    environment.api.links.temporal.setMode({ kind: 'responsesLost' });
    const create = startInterruptedCreate(context);
    const run = environment.temporal.workflow.getHandle(workflowIdOf(create.storeId));
    await eventually(() => run.describe(), { deadlineMs: DEADLINE_MS, intervalMs: 20 });
    await environment.api.kill();
    await restoreApi(context);
    await create.response;
  },
};

export const API_KINDS: readonly FaultKind[] = [beforeCommit, beforeStart, afterStart];
