import { failureKind, StoreError } from '../../domain/failure.ts';
import type { AwaitReadyInput, ReadinessSummary, StoreTarget } from '../../domain/operations/types.ts';
import { revisionOf } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { withHeartbeat, lastHeartbeat, pause } from '../runtime/activity-context.ts';
import { gatherEvidence } from './evidence.ts';
import { watchNamespace, type NamespaceWatch } from './namespace-watch.ts';
import { snapshotOf } from './snapshot.ts';
import { classifyReadiness, type Snapshot, type ReadinessResult } from './classification.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { listReleaseRecords } from '../release/records.ts';
import { readSecretValues } from '../namespace/secrets.ts';

/** Watches wake the judge at once; this is for verdicts that fall by the clock, and for watches that have ended. */
const LOOK_MS = 2_000;
/** For what watches may miss without ending. Six lists of each namespace that comes up: not for every look. */
const REFRESH_MS = 15_000;
/** Changes come in bursts: the first is judged at once, and what follows within this time together. */
const BURST_MS = 50;
/** Kubernetes writes a status first and the event about it afterwards, on a path of its own. */
const EVENT_LAG_MS = 2_000;

export interface ReadinessDependencies {
  readonly kube: Kube;
  /** Counted from the first attempt, however many there are. */
  readonly readyDeadlineMs: number;
  readonly now: () => number;
}

/** Heartbeat details: what the Web UI shows while a store comes up, and what a later attempt goes on from. */
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
}

export function createReadinessActivities(deps: ReadinessDependencies) {
  const { kube } = deps;

  /**
   * Watches the release until all of it is rolled out, complete and bound (or all that customers need, if that is the
   * goal), or until the first fact that no waiting will change. Safe to repeat: it only looks, and the deadline of the first
   * attempt stays in the heartbeat.
   *
   * @throws StoreError with evidence: IMAGE_PULL_FAILED, CRASH_LOOP, NAMESPACE_QUOTA_EXCEEDED, ADMISSION_REFUSED,
   *   UNSCHEDULABLE, VOLUME_PENDING, JOB_FAILED, READY_DEADLINE_EXCEEDED; RELEASE_MISMATCH when the release is gone
   */
  async function awaitReady(input: AwaitReadyInput): Promise<ReadinessSummary> {
    let progress = beginOrResume(input);
    const mirror = watchNamespace(kube, input.store.namespace);
    try {
      return await withHeartbeat(
        () => watchUntilDecided(input, mirror, progress, (update) => (progress = { ...progress, ...update })),
        () => progress,
      );
    } catch (error) {
      throw deps.now() >= progress.deadlineMs ? pastDeadline(error) : error;
    } finally {
      mirror.close();
    }
  }

  function beginOrResume({ revision, sinceMs }: AwaitReadyInput): Progress {
    const last = lastHeartbeat();
    if (isProgress(last) && last.revision === revision) {
      return { startedAtMs: last.startedAtMs, deadlineMs: last.deadlineMs, revision };
    }
    const startedAtMs = sinceMs ?? deps.now();
    return { startedAtMs, deadlineMs: startedAtMs + deps.readyDeadlineMs, revision };
  }

  async function watchUntilDecided(
    { store, goal }: AwaitReadyInput,
    mirror: NamespaceWatch,
    { startedAtMs, deadlineMs, revision }: Progress,
    report: (update: Partial<Progress>) => void,
  ): Promise<ReadinessSummary> {
    let refreshedAtMs = -Infinity;
    for (;;) {
      if (mirror.isStale() || deps.now() - refreshedAtMs >= REFRESH_MS) {
        await mirror.refresh();
        refreshedAtMs = deps.now();
      }
      const seen = snapshotOf(mirror.objects());
      const result = classifyReadiness(seen, { nowMs: deps.now(), startedAtMs, deadlineMs }, goal);
      const counts = countsOf(seen);
      switch (result.kind) {
        case 'ready': {
          await confirmRelease(kube, store, revision);
          const { pods, volumes, jobs } = counts;
          const unfinished = result.unfinished.length === 0 ? {} : { unfinished: result.unfinished };
          return { pods, volumes, jobs, ...unfinished };
        }
        case 'failed':
          throw await failureOf(kube, store, result, await withEventsOf(result.object, mirror));
        case 'waiting':
          report({ ...counts, waitingFor: result.waitingFor.slice(0, 3) });
      }
      await pause(BURST_MS);
      await mirror.nextChange(LOOK_MS);
    }
  }

  /** The namespace once it tells something about that object, or after a moment without. */
  async function withEventsOf(object: string, mirror: NamespaceWatch): Promise<Snapshot> {
    const endMs = deps.now() + EVENT_LAG_MS;
    for (;;) {
      const seen = snapshotOf(mirror.objects());
      const leftMs = endMs - deps.now();
      if (leftMs <= 0 || seen.events.some((event) => event.object === object)) return seen;
      await mirror.nextChange(leftMs);
    }
  }

  return { awaitReady };
}

/** An empty namespace has nothing that is not ready: what was looked at must be the release that was asked for. */
async function confirmRelease(kube: Kube, store: StoreTarget, revision: number): Promise<void> {
  const newest = (await listReleaseRecords(kube, store))[0];
  const found = newest === undefined ? undefined : revisionOf(newest);
  if (found?.revision === revision && found.status === 'deployed') return;
  const state = found === undefined ? 'has no record' : `is ${found.status} at revision ${found.revision}`;
  throw new StoreError(
    'RELEASE_MISMATCH',
    `revision ${revision} of ${store.releaseName} was awaited, but the release ${state}`,
  );
}

/** What would be tried again has no time left to be. */
function pastDeadline(error: unknown): unknown {
  if (!(error instanceof StoreError) || !failureKind(error.code).temporalRetryable) return error;
  return new StoreError('READY_DEADLINE_EXCEEDED', `time is up, and at its end ${error.publicMessage}`, {
    cause: error,
  });
}

async function failureOf(
  kube: Kube,
  store: StoreTarget,
  result: Extract<ReadinessResult, { kind: 'failed' }>,
  seen: Snapshot,
): Promise<StoreError> {
  const secrets = await readSecretValues(kube, store);
  const evidence = await gatherEvidence(kube, store, { result, snapshot: seen, secrets });
  return new StoreError(result.code, oneLine(redact(result.message, secrets), 600), { evidence });
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
