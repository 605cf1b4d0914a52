import { workflowIdOf } from '../../domain/names.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { PlatformProcess } from '../../test/harness/platform/processes.ts';
import { PROFILES } from '../../workflows/activity-profiles.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, type Finding } from '../report.ts';
import { percentile } from '../statistics.ts';

const HEARTBEAT_TIMEOUT_S = Number.parseInt(PROFILES.release.heartbeatTimeout, 10);
/** What finding the death, repairing Helm's lock and installing again may add to the time-out. */
const ALLOWANCE_S = 10;

/** What a SIGKILL of the worker that runs Helm adds to the time to ready, while a second worker polls. */
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
    const undisturbed = await secondsToReady(platform, async () => undefined);
    const disturbed = await secondsToReady(platform, async (id) => {
      const pid = await eventually(() => pidOfInstaller(platform, id), { intervalMs: 5 });
      await workers.get(pid)?.kill('SIGKILL');
      workers.delete(pid);
    });
    added.push(disturbed - undisturbed);
    await startOne();
  }
  const worst = percentile(added, 95);
  const limit = HEARTBEAT_TIMEOUT_S + ALLOWANCE_S;
  return {
    what: `SIGKILL of the worker during install-release while another polls: added to the time to ready, p95 of ${runs}`,
    ours: milliseconds(worst * 1_000),
    against: `heartbeat time-out ${HEARTBEAT_TIMEOUT_S} s + ${ALLOWANCE_S} s`,
    ratio: (worst / limit).toFixed(2),
    target: '≤ 1',
    met: worst <= limit,
  };
}

/** Temporal knows which worker took the install: identities begin with the process id. */
async function pidOfInstaller({ client }: BenchPlatform, storeId: string): Promise<number | undefined> {
  const { raw } = await client.workflow.getHandle(workflowIdOf(storeId)).describe();
  const install = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'ensureRelease');
  const pid = Number.parseInt(install?.lastWorkerIdentity ?? '', 10);
  return Number.isNaN(pid) ? undefined : pid;
}

async function secondsToReady(platform: BenchPlatform, disturb: (id: string) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const { storeId: id } = await platform.create();
  await disturb(id);
  await platform.until(id, 'ready');
  const seconds = (performance.now() - startedAt) / 1_000;
  await platform.remove([id]);
  return seconds;
}
