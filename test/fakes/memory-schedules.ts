import {
  scheduleKeyOf,
  scheduleKeysOf,
  type ScheduleControl,
  type ScheduleKey,
  type ScheduleName,
  type ScheduleState,
} from '../../domain/ports/schedules.ts';

const CLUSTER = 'default';

/** The schedules of an installation with one cluster in memory. No run starts. */
export class MemorySchedules implements ScheduleControl {
  /** Names of the schedules that were triggered. */
  readonly triggered: ScheduleName[] = [];
  readonly #states = new Map<ScheduleName, ScheduleState>(
    scheduleKeysOf([CLUSTER]).map((key) => [key.name, stateOf(key)]),
  );

  /** Forgets a schedule: no worker has created it yet. */
  remove(name: ScheduleName): void {
    this.#states.delete(name);
  }

  /** Makes a run of a schedule open. It never ends. */
  setRunning(name: ScheduleName): void {
    this.#change(scheduleKeyOf(name, CLUSTER), { isRunning: true });
  }

  async list(): Promise<readonly ScheduleState[]> {
    return [...this.#states.values()];
  }

  async pause(key: ScheduleKey, note: string): Promise<ScheduleState | undefined> {
    return this.#change(key, { isPaused: true, nextRunAt: null, note });
  }

  async resume(key: ScheduleKey, note: string): Promise<ScheduleState | undefined> {
    return this.#change(key, { isPaused: false, note });
  }

  async trigger(key: ScheduleKey): Promise<ScheduleState | undefined> {
    const state = this.#find(key);
    if (state !== undefined) this.triggered.push(state.name);
    return state;
  }

  #change(key: ScheduleKey, change: Partial<Omit<ScheduleState, keyof ScheduleKey>>): ScheduleState | undefined {
    const state = this.#find(key);
    if (state === undefined) return undefined;
    const changed = { ...state, ...change };
    this.#states.set(key.name, changed);
    return changed;
  }

  #find({ name, cluster }: ScheduleKey): ScheduleState | undefined {
    const state = this.#states.get(name);
    return state?.cluster === cluster ? state : undefined;
  }
}

function stateOf(key: ScheduleKey): ScheduleState {
  return {
    ...key,
    isPaused: false,
    note: null,
    intervalSeconds: 30,
    lastRunAt: null,
    nextRunAt: new Date('2026-01-01T00:00:00.000Z'),
    isRunning: false,
  };
}
