import {
  SCHEDULE_NAMES,
  type ScheduleControl,
  type ScheduleName,
  type ScheduleState,
} from '../../domain/ports/schedules.ts';

/** The schedules of an installation in memory. No run starts. */
export class MemorySchedules implements ScheduleControl {
  /** Names of the schedules that were triggered. */
  readonly triggered: ScheduleName[] = [];
  readonly #states = new Map<ScheduleName, ScheduleState>(SCHEDULE_NAMES.map((name) => [name, stateOf(name)]));

  /** Forgets a schedule: no worker has created it yet. */
  remove(name: ScheduleName): void {
    this.#states.delete(name);
  }

  /** Makes a run of a schedule open. It never ends. */
  setRunning(name: ScheduleName): void {
    this.#change(name, { isRunning: true });
  }

  async list(): Promise<readonly ScheduleState[]> {
    return [...this.#states.values()];
  }

  async pause(name: ScheduleName, note: string): Promise<ScheduleState | undefined> {
    return this.#change(name, { isPaused: true, nextRunAt: null, note });
  }

  async resume(name: ScheduleName, note: string): Promise<ScheduleState | undefined> {
    return this.#change(name, { isPaused: false, note });
  }

  async trigger(name: ScheduleName): Promise<ScheduleState | undefined> {
    const state = this.#states.get(name);
    if (state !== undefined) this.triggered.push(name);
    return state;
  }

  #change(name: ScheduleName, change: Partial<ScheduleState>): ScheduleState | undefined {
    const state = this.#states.get(name);
    if (state === undefined) return undefined;
    const changed = { ...state, ...change };
    this.#states.set(name, changed);
    return changed;
  }
}

function stateOf(name: ScheduleName): ScheduleState {
  return {
    name,
    isPaused: false,
    note: null,
    intervalSeconds: 30,
    lastRunAt: null,
    nextRunAt: new Date('2026-01-01T00:00:00.000Z'),
    isRunning: false,
  };
}
