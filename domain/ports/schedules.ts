/** The schedules of the reconciler that are the same for all clusters, by the names that operators use. */
export const INSTALLATION_SCHEDULES = ['reconcile-stores', 'reconcile-waiting-stores'] as const;

/** The schedules of the reconciler that each cluster has, by the names that operators use. */
export const CLUSTER_SCHEDULES = ['reconcile-cluster', 'verify-stores'] as const;

export const SCHEDULE_NAMES = [...INSTALLATION_SCHEDULES, ...CLUSTER_SCHEDULES] as const;

export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/** A schedule: one of the installation, or one of a cluster. */
export type ScheduleKey =
  | { readonly name: (typeof INSTALLATION_SCHEDULES)[number]; readonly cluster: null }
  | { readonly name: (typeof CLUSTER_SCHEDULES)[number]; readonly cluster: string };

export type ScheduleState = ScheduleKey & {
  readonly isPaused: boolean;
  /** The person who paused or resumed the schedule last. Null: it was never paused. */
  readonly note: string | null;
  readonly intervalSeconds: number | null;
  readonly lastRunAt: Date | null;
  /** Null: the schedule is paused. */
  readonly nextRunAt: Date | null;
  readonly isRunning: boolean;
};

/** Returns the keys of all schedules of an installation with these clusters. */
export function scheduleKeysOf(clusters: readonly string[]): readonly ScheduleKey[] {
  return [
    ...INSTALLATION_SCHEDULES.map((name) => ({ name, cluster: null })),
    ...clusters.flatMap((cluster) => CLUSTER_SCHEDULES.map((name) => ({ name, cluster }))),
  ];
}

/** Returns the key of a schedule. `cluster` has no effect on a schedule of the installation. */
export function scheduleKeyOf(name: ScheduleName, cluster: string): ScheduleKey {
  return name === 'reconcile-cluster' || name === 'verify-stores' ? { name, cluster } : { name, cluster: null };
}

/**
 * The schedules of an installation. Every function throws a StoreError ORCHESTRATOR_UNAVAILABLE when Temporal does not answer,
 * and ORCHESTRATOR_REJECTED when it rejects the request. Undefined: the schedule does not exist, because no worker has started
 * yet.
 */
export interface ScheduleControl {
  /** Lists the schedules that exist: those of the installation, then those of these clusters. */
  list(clusters: readonly string[]): Promise<readonly ScheduleState[]>;
  /** Pauses a schedule: no further run starts. A run that is open continues. A worker that starts keeps the pause. */
  pause(key: ScheduleKey, note: string): Promise<ScheduleState | undefined>;
  resume(key: ScheduleKey, note: string): Promise<ScheduleState | undefined>;
  /** Starts a run now, also of a paused schedule, unless one is open. */
  trigger(key: ScheduleKey): Promise<ScheduleState | undefined>;
}
