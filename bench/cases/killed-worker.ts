import { workflowIdOf } from '../../domain/names.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { PlatformProcess } from '../../test/harness/platform/processes.ts';
import { PROFILES } from '../../workflows/activity-profiles.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, type Finding } from '../report.ts';
import { percentile } from '../statistics.ts';

const HEARTBEAT_TIMEOUT_S = Number.parseInt(PROFILES.release.heartbeatTimeout, 10);
/** Seconds allowed, in addition to the timeout, to detect the failure, repair the lock of Helm and install again. */
const ALLOWANCE_S = 10;

/** Measures the time that a SIGKILL of the worker that runs Helm adds to request to ready, while a second worker polls. */
export async function killedWorker(platform: BenchPlatform, runs: number): Promise<Finding> {
  const workers = new Map<number, PlatformProcess>();
  const startOne = async (): Promise<void> => {
    const worker = await platform.startWorker();
    workers.set(worker.pid, worker);
  };
  await startOne();
  await startOne();
  const added: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const secondsWithoutKill = await secondsToReady(platform, async () => undefined);
    const secondsWithKill = await secondsToReady(platform, async (id) => {
      const pid = await eventually(() => pidOfHelmWorker(platform, id), { intervalMs: 5 });
      await workers.get(pid)?.kill('SIGKILL');
      workers.delete(pid);
    });
    added.push(secondsWithKill - secondsWithoutKill);
    await startOne();
  }
  const worst = percentile(added, 95);
  const limit = HEARTBEAT_TIMEOUT_S + ALLOWANCE_S;
  return {
    measurement: `SIGKILL of the worker during install-release while a second worker polls: time added to request to ready, p95 of ${runs}`,
    platform: milliseconds(worst * 1_000),
    baseline: `heartbeat timeout ${HEARTBEAT_TIMEOUT_S} s + ${ALLOWANCE_S} s`,
    ratio: (worst / limit).toFixed(2),
    target: '≤ 1',
    met: worst <= limit,
  };
}

/** Returns the process id of the worker that runs Helm. The identity of a worker in Temporal starts with its process id. */
async function pidOfHelmWorker({ client }: BenchPlatform, storeId: string): Promise<number | undefined> {
  const { raw } = await client.workflow.getHandle(workflowIdOf(storeId)).describe();
  const install = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'ensureRelease');
  const pid = Number.parseInt(install?.lastWorkerIdentity ?? '', 10);
  return Number.isNaN(pid) ? undefined : pid;
}

async function secondsToReady(platform: BenchPlatform, onCreated: (id: string) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const { storeId: id } = await platform.create();
  await onCreated(id);
  await platform.waitForStatus(id, 'ready');
  const seconds = (performance.now() - startedAt) / 1_000;
  await platform.remove([id]);
  return seconds;
}
