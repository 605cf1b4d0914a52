import { classifyRefusal } from '../adapters/refusal.ts';
import type { Clock, EventFact, JobFact, Snapshot, WorkloadFact } from './facts.ts';
import { first, type Problem } from './problem.ts';

const REFUSED_MS = 3_000; // the usage of a quota lags behind deleted pods
const EVENT_SLACK_MS = 60_000; // Helm ran before the wait began, and clocks differ

interface Refusal {
  readonly object: string;
  readonly message: string;
  readonly sinceMs: number;
  /** The cluster reported it before the operation continued, and not again. */
  readonly isOld: boolean;
}

/**
 * Finds a workload or Job whose controller cannot create pods. The controller reports it in a condition, or only in
 * events. A cluster that is unavailable is no problem: the controller tries again.
 */
export function findRefusal(snapshot: Snapshot, clock: Clock): Problem | undefined {
  const refusals = [
    ...snapshot.workloads.flatMap((workload) => conditionOf(workload, snapshot, clock)),
    ...[
      ...snapshot.workloads.filter(({ rolledOut }) => !rolledOut),
      ...snapshot.jobs.filter(({ state }) => state !== 'complete').map((job) => ({ ...job, kind: 'Job' as const })),
    ].flatMap((owner) => eventsOf(owner, snapshot.events, clock)),
  ];
  return first(refusals, ({ object, message, sinceMs, isOld }): Problem | undefined => {
    if (clock.nowMs - sinceMs < REFUSED_MS) return undefined;
    const code = classifyRefusal({ message });
    if (code === undefined || code === 'CLUSTER_UNAVAILABLE') return undefined;
    // A terminating pod counts against the quota until it is gone.
    const canPass = code === 'NAMESPACE_QUOTA_EXCEEDED' && snapshot.pods.some(({ terminating }) => terminating);
    const text = `${object} cannot create pods: ${message}`;
    return { kind: isOld || canPass ? 'passing' : 'final', code, message: text, object };
  });
}

/** The condition of a Deployment stays until its controller tries again, which can take minutes. */
function conditionOf(workload: WorkloadFact, { events }: Snapshot, clock: Clock): readonly Refusal[] {
  const { kind, name, rolledOut, replicaFailure, specChangedMs } = workload;
  if (rolledOut || replicaFailure === null) return [];
  const { message } = replicaFailure;
  const isRepeated = events.some(
    ({ reason, object, lastSeenMs }) =>
      reason === 'FailedCreate' && object.startsWith(`ReplicaSet/${name}-`) && lastSeenMs >= clock.startedAtMs,
  );
  const isOld = clock.isContinued && replicaFailure.sinceMs < clock.startedAtMs && !isRepeated;
  const fromMs = clock.isContinued ? Math.max(specChangedMs, clock.startedAtMs) : specChangedMs;
  return [{ object: `${kind}/${name}`, message, sinceMs: Math.max(replicaFailure.sinceMs, fromMs), isOld }];
}

/**
 * The cluster keeps an event after its cause has gone. It counts only if it is about this very object and its present specification, pods are
 * missing, and no pod was created after it.
 */
function eventsOf(
  { kind, name, uid, missesPods, specChangedMs }: (WorkloadFact | JobFact) & { readonly kind: string },
  events: readonly EventFact[],
  clock: Clock,
): readonly Refusal[] {
  if (!missesPods) return [];
  const own = events.filter((event) => event.uid === uid);
  const createdMs = Math.max(...own.filter(({ reason }) => reason === 'SuccessfulCreate').map((e) => e.lastSeenMs), 0);
  const fromMs = Math.max(specChangedMs, clock.isContinued ? clock.startedAtMs : clock.startedAtMs - EVENT_SLACK_MS);
  return own
    .filter(({ reason, lastSeenMs }) => reason === 'FailedCreate' && lastSeenMs >= fromMs && lastSeenMs > createdMs)
    .map(({ message, firstSeenMs }) => ({
      object: `${kind}/${name}`,
      message,
      sinceMs: Math.max(firstSeenMs, fromMs),
      isOld: false,
    }));
}
