import { setTimeout as delay } from 'node:timers/promises';
import { workflowIdOf } from '../../../domain/names.ts';
import type { Violation } from '../checks/violation.ts';
import { violationUnless } from '../checks/violation-unless.ts';
import type { FaultContext, FaultKind } from '../fault-kind.ts';

const DOWN_MS = 60_000;
const CALL_DEADLINE_MS = 2_000;
/** Time in which the other node must own all runs. Trials took 7 s at most. */
const TAKEOVER_MS = 30_000;

/** Returns a violation if the other node does not get the open runs, about half of which the lost node owned. */
function checkTakeover({ environment, watch }: FaultContext): Promise<readonly Violation[]> {
  const { temporal } = environment;
  const busy = watch.stores().filter(({ isBusy, runId }) => isBusy && runId !== null);
  const describeAll = (): Promise<unknown> =>
    Promise.all(busy.map(({ id }) => temporal.workflow.getHandle(workflowIdOf(id)).describe()));
  return violationUnless(
    'the other node of Temporal did not get the open runs',
    async () => {
      await temporal.withDeadline(Date.now() + CALL_DEADLINE_MS, describeAll);
      return true;
    },
    TAKEOVER_MS,
  );
}

/** The platform must recover with the other node, so recovery is measured from the kill. */
const nodeKilled: FaultKind = {
  kind: 'temporal-node-killed',
  title: `SIGKILL of one of the two nodes of Temporal, which is started again after ${DOWN_MS / 1_000} s`,
  needsTemporalCluster: true,
  inject: async (context) => {
    const node = context.random.pick(context.environment.temporalNodes);
    await context.watch.awaitBusy();
    await node.crash();
    context.markHealed();
    const [violations] = await Promise.all([checkTakeover(context), delay(context.outageMs(DOWN_MS))]);
    await node.start();
    return violations;
  },
};

const nodeAndPostgres: FaultKind = {
  kind: 'temporal-node-and-postgres',
  title: `SIGKILL of one node of Temporal while Postgres crashes and is restarted at once; the node is started again after ${DOWN_MS / 1_000} s`,
  needsTemporalCluster: true,
  inject: async (context) => {
    const { environment, random, watch } = context;
    const node = random.pick(environment.temporalNodes);
    await watch.awaitBusy();
    await Promise.all([node.crash(), environment.services.postgres.crash()]);
    await environment.services.postgres.start();
    context.markHealed();
    const [violations] = await Promise.all([checkTakeover(context), delay(context.outageMs(DOWN_MS))]);
    await node.start();
    return violations;
  },
};

/** Faults of a cluster of two nodes. */
export const TEMPORAL_NODE_KINDS: readonly FaultKind[] = [nodeKilled, nodeAndPostgres];
