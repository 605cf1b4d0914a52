import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import type { ClusterQueues, TaskQueues } from '../domain/names.ts';

/** Options of an activity. The installation of the workflow run decides the full name of the task queue. */
export interface ActivityProfile extends Omit<ActivityOptions, 'taskQueue'> {
  readonly queue: keyof TaskQueues;
}

/** Options of an activity in a cluster. The input of the activity names the cluster, which is part of the task queue. */
export interface ClusterActivityProfile extends Omit<ActivityOptions, 'taskQueue'> {
  readonly queue: keyof ClusterQueues;
}

/**
 * The task queue, the timeouts and the retry policy of every activity. `domain/failure.ts` decides which failures Temporal
 * retries: activities throw all others as non-retryable.
 */
export const PROFILES = {
  /** Writes a record to Postgres. */
  record: {
    queue: 'control',
    startToCloseTimeout: '15s', // above the connect and statement timeouts of the pool together, so their clearer error wins
    scheduleToCloseTimeout: '1 day', // a run without its record is lost work; a database outage of a day needs an operator
    retry: {
      initialInterval: '250ms', // most failures are a restart of Postgres, which takes about a second
      backoffCoefficient: 2,
      maximumInterval: '10s', // after an outage of minutes, the run waits at most 10 s more
    },
  },
  /** Sends one or two short requests to the Kubernetes API. */
  cluster: {
    queue: 'helm',
    startToCloseTimeout: '1m', // about five requests of at most 10 s each
    scheduleToCloseTimeout: '15m', // a longer outage of the cluster fails the provision, which a client can retry
    heartbeatTimeout: '15s', // the activity sends a heartbeat every two seconds; Temporal detects a dead worker after this time
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' }, // spares a restarting API server
  },
  /**
   * Marks the namespace of a ready store: two requests. It runs on the queue of the waits, because a store that is ready
   * must not wait for the installs of others. Without the mark, claims and pods still show that the store has data.
   */
  mark: {
    queue: 'watch',
    startToCloseTimeout: '15s', // two requests of at most 10 s; most take milliseconds
    scheduleToCloseTimeout: '30s', // the store is ready: it must not wait longer for a mark
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
  },
  /** Runs a Helm process that applies the release and does not wait for its pods. */
  release: {
    queue: 'helm',
    startToCloseTimeout: '3m', // unlock, apply and read back; each has a shorter timeout of its own
    scheduleToCloseTimeout: '15m', // the same as for `cluster`
    heartbeatTimeout: '15s', // a worker that was only paused loses the fence to the next attempt
    retry: {
      initialInterval: '2s', // a lock that two attempts meet is cleared within seconds
      backoffCoefficient: 2,
      maximumInterval: '15s', // the activity ends the retries of failures that the store itself causes
    },
  },
  /** Watches pods, jobs and volumes. Its only state is its deadline, so another worker can continue the watch. */
  readiness: {
    queue: 'watch',
    startToCloseTimeout: '2h', // the activity itself fails with a classified cause at READY_DEADLINE_SECONDS (at most 2 h)
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
  },
  /** Places a verification order in the store, on clusters that run pods. */
  verification: {
    queue: 'watch',
    startToCloseTimeout: '2m', // an order takes seconds, and longer while the caches of the shop are empty
    scheduleToCloseTimeout: '15m', // the same as for `cluster`
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: {
      initialInterval: '500ms', // an ingress controller picks up a new store within two seconds
      backoffCoefficient: 2,
      maximumInterval: '15s', // the same as for `release`
    },
  },
  /**
   * Verifies the checkout of a ready store without placing an order. Every verification must end soon, so that one store does
   * not delay the others.
   */
  hourlyVerification: {
    queue: 'watch',
    startToCloseTimeout: '1m', // the activity ends the checkout after 45 s, and reads the Secret within 10 s
    scheduleToCloseTimeout: '2m', // the next pass verifies the store again an hour later
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '15s', maximumAttempts: 3 },
  },
  /** Reads and writes the records of the hourly verification. A result that is not written is not lost work. */
  verificationRecord: {
    queue: 'control',
    startToCloseTimeout: '15s', // the same as for `record`
    scheduleToCloseTimeout: '2m', // survives a restart of Postgres; after a longer outage the next pass continues
    retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '10s' }, // the same as for `record`
  },
  /** Undoes steps and deletes objects. It retries for a long time, because giving up leaves objects behind. */
  removal: {
    queue: 'helm',
    startToCloseTimeout: '10m', // the deletion of a namespace with volumes can take minutes
    scheduleToCloseTimeout: '1h', // survives a cluster outage of an hour; then the store lists the leftovers and can be retried
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  },
  /**
   * Verifies that nothing is left in the cluster. The first attempt waits, each later attempt looks once. The retry policy
   * is the timer between them, so that a stuck deletion holds no slot of the queue.
   */
  absence: {
    queue: 'watch',
    startToCloseTimeout: '2m', // the first attempt polls for 20 s; its last poll is about ten requests of at most 10 s each
    scheduleToCloseTimeout: '1h', // the same as for `removal`; each attempt names the objects that remain
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: {
      initialInterval: '1s', // most deletions that are not complete by now are almost complete
      backoffCoefficient: 2,
      maximumInterval: '30s', // a thousand stuck deletions look about 33 times a second
    },
  },
  /** Looks up one page of records in Temporal. */
  recordScan: {
    queue: 'control',
    startToCloseTimeout: '1m', // 100 records with RPCs of at most 4 s together, ten records at a time: 40 s
    scheduleToCloseTimeout: '5m', // by then the next pass is due, and it covers everything that this pass would have covered
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
  },
  /** Reads one namespace and decides whether it may be removed. */
  leftoversCheck: {
    queue: 'watch',
    startToCloseTimeout: '1m', // about five requests of at most 10 s each
    scheduleToCloseTimeout: '15m', // the same as for `cluster`; a pass of the reconciler starts the cleanup again
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' }, // the same as for `cluster`
  },
  /**
   * Asks a cluster whether it remembers a newer database. Only deletes whose runs are lost wait for the answer, and a pass
   * of the reconciler asks again within a minute.
   */
  removalsCheck: {
    queue: 'watch',
    startToCloseTimeout: '15s', // two requests of at most 10 s; most take milliseconds
    scheduleToCloseTimeout: '30s', // a cluster that is away must not delay the operations of the others
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' },
  },
  /** Reads one namespace and writes the record of its store. A pass of the reconciler starts it again. */
  adoption: {
    queue: 'watch',
    startToCloseTimeout: '1m', // about five requests of at most 10 s each
    scheduleToCloseTimeout: '15m', // the same as for `cluster`
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
  },
  /** Compares one page of the cluster with the records. */
  reconcile: {
    queue: 'watch',
    startToCloseTimeout: '10m', // 100 stores at the lowest rate, one per second, on a slow cluster
    scheduleToCloseTimeout: '30m', // an outage of the cluster ends the pass; the next pass continues at its position
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1m' }, // no client waits for this result
  },
  /** Erases one batch of records. The next pass continues where this one stops. */
  retention: {
    queue: 'control',
    startToCloseTimeout: '15s', // the same as for `record`
    scheduleToCloseTimeout: '2m', // the same as for `verificationRecord`
    retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '10s' }, // the same as for `record`
  },
  /** Releases one page of kept volumes. */
  volumeRelease: {
    queue: 'helm',
    startToCloseTimeout: '10m', // the same as for `reconcile`
    scheduleToCloseTimeout: '30m', // the same as for `reconcile`
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1m' }, // the same as for `reconcile`
  },
  /** Sends one message to the receiver of a webhook. The workflow plans further attempts: these retries are for faults of the platform. */
  webhookAttempt: {
    queue: 'webhook',
    startToCloseTimeout: '30s', // the request ends after 10 s, and the two transactions have the limits of the pool
    scheduleToCloseTimeout: '1 day', // the same as for `record`; then the dispatcher starts another run
    heartbeatTimeout: '15s', // the same as for `cluster`
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '1m', // a message is not urgent; a thousand of them must not delay the database when it is back
    },
  },
  /** Looks for new deliveries and starts their runs. */
  webhookDispatch: {
    queue: 'webhook',
    startToCloseTimeout: '3m', // the activity ends after one minute; its last batch of starts can take about 20 s
    heartbeatTimeout: '30s', // one batch of starts while Temporal is slow takes about 20 s
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
  },
} as const satisfies Record<string, ActivityProfile | ClusterActivityProfile>;

/** The first attempt of a record write, within the workflow task. If it fails, `PROFILES.record` applies. */
export const LOCAL_ACTIVITY = {
  startToCloseTimeout: '4s', // two of them fit into one workflow task, whose timeout is 10 s
  retry: { maximumAttempts: 1 }, // each further attempt would delay the workflow task and add events to the history
} as const satisfies LocalActivityOptions;

/**
 * For steps that change the cluster. When such a step is cancelled, the run waits until its activity ends: the undo must
 * see every object that the activity was about to create.
 */
export const WAIT_FOR_CANCELLATION = {
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
} as const satisfies Partial<ActivityOptions>;
