import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { TASK_QUEUES } from '../domain/names.ts';

/**
 * Time-outs and retries of every activity. Which failures are worth a retry is not decided here but in
 * `domain/failure.ts`: activities throw the others as non-retryable.
 */
export const PROFILES = {
  /** Facts written to Postgres. */
  record: {
    taskQueue: TASK_QUEUES.control,
    startToCloseTimeout: '15s', // above the pool's connect and statement time-outs together, so their clearer error wins
    scheduleToCloseTimeout: '1 day', // a run without its record would be lost work; a database away for a day is for people
    retry: {
      initialInterval: '250ms', // most failures are a restart of Postgres: back in about a second
      backoffCoefficient: 2,
      maximumInterval: '10s', // after an outage of minutes, at most 10 s are added
    },
  },
  /** One or two short calls to the Kubernetes API. */
  cluster: {
    taskQueue: TASK_QUEUES.helm,
    startToCloseTimeout: '1m', // a handful of calls of at most 10 s each
    scheduleToCloseTimeout: '15m', // a cluster that is away for longer fails the provision, which can be retried
    heartbeatTimeout: '15s', // it heartbeats every two seconds: a dead worker is noticed after this long
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' }, // spares an API server that comes back
  },
  /** A Helm process that applies and does not wait. */
  release: {
    taskQueue: TASK_QUEUES.helm,
    startToCloseTimeout: '3m', // unlock, apply and read back, each bounded below
    scheduleToCloseTimeout: '15m', // as for the cluster's other steps
    heartbeatTimeout: '15s', // the next attempt's fence holds off a worker that was only paused
    retry: {
      initialInterval: '2s', // a lock seen by two attempts clears within seconds
      backoffCoefficient: 2,
      maximumInterval: '15s',
      maximumAttempts: 8, // about a minute and a half of refusals: what still fails then fails for a reason
    },
  },
  /** The watch on pods, jobs and volumes. It holds no state but its deadline, so another worker can go on with it. */
  readiness: {
    taskQueue: TASK_QUEUES.watch,
    startToCloseTimeout: '2h', // the activity ends at READY_DEADLINE_SECONDS (at most 2 h) with a verdict of its own
    heartbeatTimeout: '15s', // as above
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
  },
  /** A probe order in the store, on clusters that run pods. */
  verification: {
    taskQueue: TASK_QUEUES.watch,
    startToCloseTimeout: '2m', // an order takes seconds; a shop on a cold cache some more
    scheduleToCloseTimeout: '10m', // a shop that refuses orders for that long does not sell
    heartbeatTimeout: '15s', // as above
    retry: {
      initialInterval: '500ms', // a front door learns of a new store within two seconds
      backoffCoefficient: 2,
      maximumInterval: '15s',
      maximumAttempts: 10, // a minute and a half of refusals: what still fails then fails for a reason
    },
  },
  /** A look at a ready store, up to the order. */
  hourlyVerification: {
    taskQueue: TASK_QUEUES.watch,
    startToCloseTimeout: '2m', // as for the order
    scheduleToCloseTimeout: '10m', // what is not known by then is known an hour later
    heartbeatTimeout: '15s', // as above
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '15s', maximumAttempts: 5 },
  },
  /** Undoing and deleting: tried for long, since giving up leaves something behind. */
  removal: {
    taskQueue: TASK_QUEUES.helm,
    startToCloseTimeout: '10m', // a namespace with volumes may take minutes to go
    scheduleToCloseTimeout: '1h', // survives an hour without a cluster; then the store says what is left and can be retried
    heartbeatTimeout: '15s', // as above
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  },
  /** The proof that nothing is left. */
  absence: {
    taskQueue: TASK_QUEUES.watch,
    startToCloseTimeout: '10m', // as for removal; each attempt names what is in the way
    scheduleToCloseTimeout: '1h', // as for removal
    heartbeatTimeout: '15s', // as above
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  },
  /** One page of records, each looked up in Temporal. */
  recordScan: {
    taskQueue: TASK_QUEUES.control,
    startToCloseTimeout: '1m', // 100 look-ups of at most 2 s, ten at a time, twice over
    scheduleToCloseTimeout: '5m', // the next pass is due by then, and sees all that this one would have seen
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
  },
  /** One page of the comparison of cluster and records. */
  reconcile: {
    taskQueue: TASK_QUEUES.watch,
    startToCloseTimeout: '10m', // 100 stores of some two dozen calls each, on a slow cluster
    scheduleToCloseTimeout: '30m', // a cluster that is away ends the pass; the next one begins anew
    heartbeatTimeout: '15s', // as above
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1m' }, // nobody waits for it
  },
} as const satisfies Record<string, ActivityOptions>;

/** The first try of a record write, within the workflow task; what it can't do is left to `PROFILES.record`. */
export const LOCAL_ACTIVITY = {
  startToCloseTimeout: '4s', // two of them in one task stay below its time-out of 10 s
  retry: { maximumAttempts: 1 }, // each further attempt would hold up the workflow task and add to the history
} as const satisfies LocalActivityOptions;

/**
 * Steps that change the cluster are waited for when they are cancelled, as long as their worker lives: what they were
 * about to make must be there when the undo looks.
 */
export const WAIT_FOR_CANCELLATION = {
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
} as const satisfies Partial<ActivityOptions>;
