import { failureKind, StoreError } from '../../domain/failure.ts';
import { revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { attemptSignal, lastHeartbeat, pause, sendHeartbeat, withHeartbeat } from '../runtime/activity-context.ts';
import { gatherEvidence } from './evidence.ts';
import { watchNamespace, type NamespaceWatch } from './namespace-watch.ts';
import { snapshotOf } from './snapshot.ts';
import { classifyReadiness, type ReadinessFailure } from './classification.ts';
import { reportDelays, type DelayReporter } from './delay-report.ts';
import type { Snapshot } from './facts.ts';
import type { Problem } from './problem.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { listReleaseRecords } from '../release/records.ts';
import { readSecretValues } from '../namespace/secrets.ts';
import { assertNotForeign } from '../namespace/lookup.ts';
import type { Owned } from '../namespace/ownership.ts';
import type { ActivityInput, AwaitReadyInput, StoreTarget } from '../../domain/operations/inputs.ts';
import type { SetConditionInput } from '../../domain/ports/condition-records.ts';
import type { ReadinessSummary } from '../../domain/operations/outcomes.ts';

/** Longest time without a classification: some results depend on the clock, and a watch may have ended. */
const POLL_MS = 2_000;
/** Interval of full lists, for changes that an open watch misses. Six list calls each, so not for every poll. */
const REFRESH_MS = 15_000;
/** Changes come in bursts: those within this time are classified together. */
const BURST_MS = 50;
/** Controllers write the status of an object first and its event later. */
const EVENT_LAG_MS = 2_000;
/** Limit of the last write of the condition. The end of the operation clears the condition in any case. */
const SETTLE_MS = 3_000;

export interface ReadinessDependencies {
  readonly kube: Kube;
  /** Counted from the first attempt. */
  readonly readyDeadlineMs: number;
  /** See `Clock`. Default: only the deadline ends the wait. */
  readonly unschedulableMs?: number | undefined;
  /** Writes the condition that shows a delay. Default: a delay is not shown. */
  readonly setCondition?: ((input: SetConditionInput) => Promise<unknown>) | undefined;
  readonly now: () => number;
}

/** Heartbeat details: the Web UI shows them, and a later attempt continues with them. */
interface Progress {
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  readonly revision: number;
  readonly podsReady?: number;
  readonly pods?: number;
  readonly volumesBound?: number;
  readonly volumes?: number;
  readonly jobsComplete?: number;
  readonly jobs?: number;
  readonly waitingFor?: readonly string[];
  /** The newest problem that delayed the release. */
  readonly delay?: string;
}

export function createReadinessActivities(deps: ReadinessDependencies) {
  const { kube } = deps;

  /**
   * Watches the namespace until the release has reached the goal, or has a problem that waiting can't solve. A problem
   * that can pass becomes a condition of the store, and a failure at the deadline. Safe to repeat: a later attempt takes the
   * deadline of the first one from the heartbeat, and writes the condition again.
   *
   * @throws StoreError with evidence: IMAGE_PULL_FAILED, CRASH_LOOP, NAMESPACE_QUOTA_EXCEEDED, ADMISSION_REFUSED,
   *   CLUSTER_REFUSED, NAMESPACE_TERMINATING, UNSCHEDULABLE, VOLUME_PENDING, JOB_FAILED, READY_DEADLINE_EXCEEDED
   * @throws StoreError NAMESPACE_FOREIGN when the namespace belongs to another owner
   * @throws StoreError RELEASE_MISMATCH when the newest revision is not the awaited one, CLUSTER_UNAVAILABLE
   */
  async function awaitReady(input: Owned<AwaitReadyInput>): Promise<ReadinessSummary> {
    let progress = beginOrContinue(input);
    // The next attempt gets the deadline even if this one fails before the first periodic heartbeat.
    sendHeartbeat(progress);
    const watch = watchNamespace(kube, input.store.namespace);
    try {
      return await withHeartbeat(
        () => watchUntilDecided(input, watch, progress, (update) => (progress = { ...progress, ...update })),
        () => progress,
      );
    } catch (error) {
      attemptSignal()?.throwIfAborted();
      throw deps.now() >= progress.deadlineMs ? pastDeadline(error) : error;
    } finally {
      watch.close();
    }
  }

  function beginOrContinue({ revision, sinceMs }: Pick<AwaitReadyInput, 'revision' | 'sinceMs'>): Progress {
    const last = lastHeartbeat();
    if (isProgress(last) && last.revision === revision) {
      return { startedAtMs: last.startedAtMs, deadlineMs: last.deadlineMs, revision };
    }
    const startedAtMs = sinceMs ?? deps.now();
    return { startedAtMs, deadlineMs: startedAtMs + deps.readyDeadlineMs, revision };
  }

  async function watchUntilDecided(
    { store, run, goal }: Owned<AwaitReadyInput>,
    watch: NamespaceWatch,
    { startedAtMs, deadlineMs, revision, delay: earlierDelay }: Progress,
    report: (update: Partial<Progress>) => void,
  ): Promise<ReadinessSummary> {
    let refreshedAtMs = -Infinity;
    const delays = delayReporter({ store, run }, earlierDelay !== undefined);
    const fixed = { startedAtMs, deadlineMs, unschedulableMs: deps.unschedulableMs ?? Infinity };
    const isContinued = run.round !== undefined;
    for (;;) {
      if (watch.isStale() || deps.now() - refreshedAtMs >= REFRESH_MS) {
        await assertNotForeign(kube, store);
        await watch.refresh();
        refreshedAtMs = deps.now();
      }
      const snapshot = snapshotOf(watch.objects());
      const result = classifyReadiness(snapshot, { ...fixed, nowMs: deps.now(), isContinued }, goal);
      const counts = countsOf(snapshot);
      switch (result.kind) {
        case 'ready': {
          await confirmRelease(kube, store, revision);
          delays.report(null);
          await delays.settled(SETTLE_MS);
          const { pods, volumes, jobs } = counts;
          const unfinished = result.unfinished.length === 0 ? {} : { unfinished: result.unfinished };
          return { pods, volumes, jobs, ...unfinished };
        }
        case 'failed':
          throw await failureOf(kube, store, result, await withEventsOf(result.object, watch));
        case 'waiting':
          report({ ...counts, waitingFor: result.waitingFor.slice(0, 3), ...delayOf(result.delay) });
          delays.report(result.delay);
      }
      await pause(BURST_MS);
      await watch.nextChange(POLL_MS);
    }
  }

  function delayReporter({ store, run }: ActivityInput, isDelayed: boolean): DelayReporter {
    return reportDelays({
      storeId: store.storeId,
      runId: run.runId,
      setCondition: deps.setCondition ?? (() => Promise.resolve()),
      readSecrets: () => readSecretValues(kube, store),
      now: deps.now,
      isDelayed,
    });
  }

  /** Returns the namespace as soon as it has an event about the object, or after `EVENT_LAG_MS` without one. */
  async function withEventsOf(object: string, watch: NamespaceWatch): Promise<Snapshot> {
    const endMs = deps.now() + EVENT_LAG_MS;
    for (;;) {
      const snapshot = snapshotOf(watch.objects());
      const remainingMs = endMs - deps.now();
      if (remainingMs <= 0 || snapshot.events.some((event) => event.object === object)) return snapshot;
      await watch.nextChange(remainingMs);
    }
  }

  return { awaitReady };
}

/** Checks that the newest release is the awaited one: an empty namespace has no object that is not ready. */
async function confirmRelease(kube: Kube, store: StoreTarget, revision: number): Promise<void> {
  const newest = (await listReleaseRecords(kube, store))[0];
  const found = newest === undefined ? undefined : revisionOf(newest);
  if (found?.revision === revision && found.status === 'deployed') return;
  const state = found === undefined ? 'has no record' : `is ${found.status} at revision ${found.revision}`;
  throw new StoreError(
    'RELEASE_MISMATCH',
    `the platform waits for revision ${revision} of ${store.releaseName}, but the release ${state}`,
  );
}

/**
 * Converts an error that Temporal would retry into READY_DEADLINE_EXCEEDED: no time is left for a retry. An error that is no
 * StoreError, such as that of a credential plugin, is retried without a limit otherwise.
 */
function pastDeadline(error: unknown): StoreError {
  if (error instanceof StoreError && !failureKind(error.code).temporalRetryable) return error;
  const last = error instanceof StoreError ? error.publicMessage : oneLine(redact(messageOf(error)));
  return new StoreError('READY_DEADLINE_EXCEEDED', `the deadline has passed; the last error was: ${last}`, {
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function failureOf(
  kube: Kube,
  store: StoreTarget,
  result: ReadinessFailure,
  snapshot: Snapshot,
): Promise<StoreError> {
  const secrets = await readSecretValues(kube, store);
  const evidence = await gatherEvidence(kube, store, { result, snapshot, secrets });
  return new StoreError(result.code, oneLine(redact(result.message, secrets), 600), { evidence });
}

/** The progress keeps `delay` once it was set, so that the next attempt clears the condition. */
function delayOf(delay: Problem | null): Pick<Progress, 'delay'> {
  return delay === null ? {} : { delay: oneLine(redact(delay.message)) };
}

function countsOf({ pods, claims, jobs }: Snapshot) {
  const running = pods.filter(({ terminating, finished }) => !terminating && !finished);
  return {
    podsReady: running.filter(({ ready }) => ready).length,
    pods: running.length,
    volumesBound: claims.filter(({ bound }) => bound).length,
    volumes: claims.length,
    jobsComplete: jobs.filter(({ state }) => state === 'complete').length,
    jobs: jobs.length,
  };
}

function isProgress(value: unknown): value is Progress {
  return (
    typeof value === 'object' &&
    value !== null &&
    'deadlineMs' in value &&
    'startedAtMs' in value &&
    'revision' in value
  );
}
