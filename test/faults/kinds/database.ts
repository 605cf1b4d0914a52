import { setTimeout as delay } from 'node:timers/promises';
import type { Violation } from '../checks/violation.ts';
import { violationUnless } from '../checks/violation-unless.ts';
import { readPoolUse } from '../environment/pool-use.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

const FREEZE_MS = 20_000;
/** Time after the fault in which the API must answer again. */
const ANSWER_DEADLINE_MS = 5_000;
/** Longer than the longest time limit of a query. A connection that is in use all this time is lost to its pool. */
const IDLE_DEADLINE_MS = 30_000;

const frozenDatabase: FaultKind = {
  kind: 'frozen-database',
  title: 'SIGSTOP of all processes of Postgres for 20 s, then SIGCONT',
  unavailable: () => (process.platform === 'linux' ? undefined : 'only Linux lists the processes of Postgres in /proc'),
  inject: async (context) => {
    const { environment, watch, trafficDone, markHealed } = context;
    await watch.awaitBusy();
    environment.services.postgres.signal('SIGSTOP');
    await delay(FREEZE_MS);
    environment.services.postgres.signal('SIGCONT');
    markHealed();
    const silent = await checkAnswer(context);
    await trafficDone;
    return [...silent, ...(await checkPools(context))];
  },
};

/** Returns a violation if the API does not answer soon after the fault. */
async function checkAnswer({ environment }: FaultContext): Promise<readonly Violation[]> {
  const isAnswered = async (): Promise<boolean> => (await fetch(`${environment.api.url}/api/stores`)).ok;
  return violationUnless('the API did not answer', isAnswered, ANSWER_DEADLINE_MS);
}

/** Returns a violation for each process with connections that never become free. */
async function checkPools({ environment }: FaultContext): Promise<readonly Violation[]> {
  const processes = [
    { name: 'the API', pid: environment.api.pid() },
    ...environment.workers.map((worker) => ({ name: `worker ${worker.index}`, pid: worker.pid() })),
  ];
  const results = await Promise.all(
    processes.map(({ name, pid }) => {
      const isIdle = async (): Promise<boolean> => {
        const inUse = readPoolUse(environment.faultPoints.folder, pid)?.inUse;
        if (inUse === 0) return true;
        throw new Error(`${inUse ?? 'an unknown number of'} connections are in use`);
      };
      return violationUnless(`the pool of ${name} lost connections`, isIdle, IDLE_DEADLINE_MS);
    }),
  );
  return results.flat();
}

export const DATABASE_KINDS: readonly FaultKind[] = [frozenDatabase];
