import { assertNever } from '../domain/assert-never.ts';
import { ScheduleNotFoundError, type Client, type ScheduleDescription, type ScheduleHandle } from '@temporalio/client';
import { clusterScheduleIdsOf, scheduleIdsOf } from '../domain/names.ts';
import {
  scheduleKeysOf,
  type ScheduleControl,
  type ScheduleKey,
  type ScheduleState,
} from '../domain/ports/schedules.ts';
import { orchestratorFailure, RPC_DEADLINE_MS } from './store-operations.ts';

/** Returns the id of a schedule in Temporal. */
function scheduleIdOf(installation: string, { name, cluster }: ScheduleKey): string {
  switch (name) {
    case 'reconcile-stores':
      return scheduleIdsOf(installation).reconcileStores;
    case 'reconcile-waiting-stores':
      return scheduleIdsOf(installation).reconcileWaiting;
    case 'reconcile-cluster':
      return clusterScheduleIdsOf(installation, cluster).reconcileCluster;
    case 'verify-stores':
      return clusterScheduleIdsOf(installation, cluster).verifyStores;
    default:
      return assertNever(name);
  }
}

/** Controls the schedules of an installation through a Temporal client. */
export function createScheduleControl(client: Client, installation: string): ScheduleControl {
  /** Changes a schedule and returns its state, or undefined if it does not exist. */
  async function change(
    key: ScheduleKey,
    act: (handle: ScheduleHandle) => Promise<unknown>,
  ): Promise<ScheduleState | undefined> {
    const handle = client.schedule.getHandle(scheduleIdOf(installation, key));
    try {
      return await client.withDeadline(Date.now() + RPC_DEADLINE_MS, async () => {
        await act(handle);
        return stateOf(key, await handle.describe());
      });
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw orchestratorFailure(error);
    }
  }

  return {
    list: async (clusters) => {
      const states = await Promise.all(scheduleKeysOf(clusters).map((key) => change(key, async () => undefined)));
      return states.filter((state) => state !== undefined);
    },
    pause: (key, note) => change(key, (handle) => handle.pause(note)),
    resume: (key, note) => change(key, (handle) => handle.unpause(note)),
    trigger: (key) => change(key, (handle) => handle.trigger('SKIP')),
  };
}

function stateOf(key: ScheduleKey, { state, spec, info }: ScheduleDescription): ScheduleState {
  const everyMs = spec.intervals?.[0]?.every;
  return {
    ...key,
    isPaused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    intervalSeconds: everyMs === undefined ? null : everyMs / 1_000,
    lastRunAt: info.recentActions.at(-1)?.takenAt ?? null,
    nextRunAt: state.paused ? null : (info.nextActionTimes[0] ?? null),
    isRunning: info.runningActions.length > 0,
  };
}
