import { ScheduleNotFoundError, type Client, type ScheduleDescription, type ScheduleHandle } from '@temporalio/client';
import { scheduleIdsOf } from '../domain/names.ts';
import {
  SCHEDULE_NAMES,
  type ScheduleControl,
  type ScheduleName,
  type ScheduleState,
} from '../domain/ports/schedules.ts';
import { orchestratorFailure, RPC_DEADLINE_MS } from './store-operations.ts';

const KEYS = {
  'reconcile-stores': 'reconcileStores',
  'reconcile-waiting-stores': 'reconcileWaiting',
  'reconcile-cluster': 'reconcileCluster',
  'verify-stores': 'verifyStores',
} as const satisfies Readonly<Record<ScheduleName, keyof ReturnType<typeof scheduleIdsOf>>>;

/** Controls the schedules of an installation through a Temporal client. */
export function createScheduleControl(client: Client, installation: string): ScheduleControl {
  const ids = scheduleIdsOf(installation);

  /** Changes a schedule and returns its state, or undefined if it does not exist. */
  async function change(
    name: ScheduleName,
    act: (handle: ScheduleHandle) => Promise<unknown>,
  ): Promise<ScheduleState | undefined> {
    const handle = client.schedule.getHandle(ids[KEYS[name]]);
    try {
      return await client.withDeadline(Date.now() + RPC_DEADLINE_MS, async () => {
        await act(handle);
        return stateOf(name, await handle.describe());
      });
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw orchestratorFailure(error);
    }
  }

  return {
    list: async () => {
      const states = await Promise.all(SCHEDULE_NAMES.map((name) => change(name, async () => undefined)));
      return states.filter((state) => state !== undefined);
    },
    pause: (name, note) => change(name, (handle) => handle.pause(note)),
    resume: (name, note) => change(name, (handle) => handle.unpause(note)),
    trigger: (name) => change(name, (handle) => handle.trigger('SKIP')),
  };
}

function stateOf(name: ScheduleName, { state, spec, info }: ScheduleDescription): ScheduleState {
  const everyMs = spec.intervals?.[0]?.every;
  return {
    name,
    isPaused: state.paused,
    note: state.note === undefined || state.note === '' ? null : state.note,
    intervalSeconds: everyMs === undefined ? null : everyMs / 1_000,
    lastRunAt: info.recentActions.at(-1)?.takenAt ?? null,
    nextRunAt: state.paused ? null : (info.nextActionTimes[0] ?? null),
    isRunning: info.runningActions.length > 0,
  };
}
