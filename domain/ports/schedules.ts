/** The schedules of the reconciler, by the names that operators use. */
export const SCHEDULE_NAMES = [
  'reconcile-stores',
  'reconcile-waiting-stores',
  'reconcile-cluster',
  'verify-stores',
] as const;

export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

export interface ScheduleState {
  readonly name: ScheduleName;
  readonly isPaused: boolean;
  /** The person who paused or resumed the schedule last. Null: it was never paused. */
  readonly note: string | null;
  readonly intervalSeconds: number | null;
  readonly lastRunAt: Date | null;
  /** Null: the schedule is paused. */
  readonly nextRunAt: Date | null;
  readonly isRunning: boolean;
}

/**
 * The schedules of an installation. Every function throws a StoreError ORCHESTRATOR_UNAVAILABLE when Temporal does not answer,
 * and ORCHESTRATOR_REJECTED when it rejects the request. Undefined: the schedule does not exist, because no worker has started
 * yet.
 */
export interface ScheduleControl {
  list(): Promise<readonly ScheduleState[]>;
  /** Pauses a schedule: no further run starts. A run that is open continues. A worker that starts keeps the pause. */
  pause(name: ScheduleName, note: string): Promise<ScheduleState | undefined>;
  resume(name: ScheduleName, note: string): Promise<ScheduleState | undefined>;
  /** Starts a run now, also of a paused schedule, unless one is open. */
  trigger(name: ScheduleName): Promise<ScheduleState | undefined>;
}
