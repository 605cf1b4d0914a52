import type { FailureCode } from '../../domain/failure.ts';
import type { ReadinessGoal } from '../../domain/operations/types.ts';
import { classifyRefusal } from '../adapters/refusal.ts';

interface CheckoutRelevance {
  /** False: nobody who buys waits for it. */
  readonly requiredForCheckout: boolean;
}

/** A Deployment or StatefulSet. */
export interface WorkloadFact extends CheckoutRelevance {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
  /** Its controller has seen its newest form and all its replicas are of that form and ready. */
  readonly rolledOut: boolean;
  readonly progress: string;
  /** Why its controller can't make pods, and since when, if it says so. */
  readonly replicaFailure: { readonly message: string; readonly sinceMs: number } | null;
}

export interface JobFact extends CheckoutRelevance {
  readonly name: string;
  readonly state: 'running' | 'complete' | 'failed';
  readonly message: string;
}

export interface ClaimFact {
  readonly name: string;
  readonly bound: boolean;
  readonly createdAtMs: number;
}

export interface ContainerFact {
  readonly name: string;
  readonly restarts: number;
  readonly waiting: { readonly reason: string; readonly message: string } | null;
}

export interface PodFact {
  readonly name: string;
  readonly ownerKind: string;
  readonly createdAtMs: number;
  readonly terminating: boolean;
  readonly finished: boolean;
  readonly ready: boolean;
  /** The scheduler's refusal, if there is one. */
  readonly unschedulable: { readonly message: string; readonly sinceMs: number } | null;
  /** Init containers first. */
  readonly containers: readonly ContainerFact[];
}

export interface EventFact {
  /** `Kind/name` of the object it is about. */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** All that matters of a namespace at one moment. Jobs and pods of CronJobs are left out: they come and go. */
export interface Snapshot {
  readonly workloads: readonly WorkloadFact[];
  readonly jobs: readonly JobFact[];
  readonly claims: readonly ClaimFact[];
  readonly pods: readonly PodFact[];
  readonly events: readonly EventFact[];
}

export type ReadinessResult =
  /** `unfinished`: what is still starting though the goal is reached. */
  | { readonly kind: 'ready'; readonly unfinished: readonly string[] }
  | { readonly kind: 'waiting'; readonly waitingFor: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      /** `Kind/name` of the object that failed. */
      readonly object: string;
      /** Container whose log may tell why. */
      readonly container?: string;
    };
type Failed = Extract<ReadinessResult, { kind: 'failed' }>;

export interface Clock {
  readonly nowMs: number;
  /** When the wait began: what was reported long before is about an earlier form of the release. */
  readonly startedAtMs: number;
  readonly deadlineMs: number;
}

const CRASHES_TO_GIVE_UP = 3; // Kubernetes waits ever longer from here on, and so would the tenant
const PULL_TRIES_TO_GIVE_UP = 2; // one refused pull may be a registry's hiccup
const UNSCHEDULABLE_MS = 15_000; // autoscalers and terminating pods get that long to make room
const CLAIM_PENDING_MS = 60_000; // cloud disks take up to half a minute
const PROVISIONING_FAILED_MS = 10_000; // provisioners try again within seconds
const REFUSED_MS = 3_000; // quotas lag behind pods that just went
const BROKEN_CONTAINER_MS = 15_000; // a Secret or ConfigMap that its container needs may still be on its way
const EVENT_SLACK_MS = 60_000; // Helm ran before the wait began, and clocks differ

const TERMINAL_PULL_REASONS = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);
const BROKEN_CONTAINER_REASONS = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

/** Whether a release works, needs time, or never will, judged from facts alone. What never will, counts for either goal. */
export function classifyReadiness(seen: Snapshot, clock: Clock, goal: ReadinessGoal = 'complete'): ReadinessResult {
  const unfinished = listUnfinished(seen);
  if (unfinished.length === 0) return { kind: 'ready', unfinished };
  const failed = findFailure(seen, clock);
  if (failed !== undefined) return failed;
  const waitingFor = goal === 'complete' ? unfinished : listUnfinished(requiredForCheckout(seen));
  if (waitingFor.length === 0) return { kind: 'ready', unfinished };
  if (clock.nowMs < clock.deadlineMs) return { kind: 'waiting', waitingFor };
  const minutes = Math.round((clock.deadlineMs - clock.startedAtMs) / 6_000) / 10;
  return {
    kind: 'failed',
    code: 'READY_DEADLINE_EXCEEDED',
    message: `not ready after ${minutes} min; still waiting for ${waitingFor.slice(0, 5).join(', ')}`,
    object: (waitingFor[0] ?? '').replace(/ .*/, ''),
  };
}

function requiredForCheckout(seen: Snapshot): Snapshot {
  const workloads = seen.workloads.filter((workload) => workload.requiredForCheckout);
  return { ...seen, workloads, jobs: seen.jobs.filter((job) => job.requiredForCheckout) };
}

function listUnfinished({ workloads, jobs, claims }: Snapshot): string[] {
  return [
    ...workloads
      .filter(({ rolledOut }) => !rolledOut)
      .map(({ kind, name, progress }) => `${kind}/${name} (${progress})`),
    ...jobs.filter(({ state }) => state !== 'complete').map(({ name }) => `Job/${name}`),
    ...claims.filter(({ bound }) => !bound).map(({ name }) => `PersistentVolumeClaim/${name}`),
  ];
}

function findFailure(seen: Snapshot, clock: Clock): Failed | undefined {
  const pods = seen.pods.filter(({ terminating, finished }) => !terminating && !finished);
  return (
    first(seen.jobs, classifyJob) ??
    first(pods, (pod) => classifyPod(pod, seen.events, clock)) ??
    classifyRefusals(seen, clock) ??
    first(seen.claims, (claim) => classifyClaim(claim, seen.events, clock)) ??
    first(pods, (pod) => classifyScheduling(pod, clock))
  );
}

function classifyJob(job: JobFact): Failed | undefined {
  if (job.state !== 'failed') return undefined;
  return {
    kind: 'failed',
    code: 'JOB_FAILED',
    message: `the job ${job.name} failed: ${job.message}`,
    object: `Job/${job.name}`,
  };
}

function classifyPod(pod: PodFact, events: readonly EventFact[], clock: Clock): Failed | undefined {
  const object = `Pod/${pod.name}`;
  return first(pod.containers, ({ name, restarts, waiting }) => {
    if (waiting === null) return undefined;
    const { reason, message } = waiting;
    const fail = (code: FailureCode, text: string): Failed => ({
      kind: 'failed',
      code,
      message: text,
      object,
      container: name,
    });
    const triedTwice = reason === 'ErrImagePull' && countPulls(events, object) >= PULL_TRIES_TO_GIVE_UP;
    if (TERMINAL_PULL_REASONS.has(reason) || triedTwice) {
      return fail('IMAGE_PULL_FAILED', `the image of container ${name} cannot be pulled: ${message || reason}`);
    }
    // How often a Job's pod may crash is the Job's own decision: its backoff limit fails it.
    const gaveUp = reason === 'CrashLoopBackOff' && restarts >= CRASHES_TO_GIVE_UP && pod.ownerKind !== 'Job';
    if (gaveUp) return fail('CRASH_LOOP', `container ${name} of pod ${pod.name} crashed ${restarts} times`);
    if (BROKEN_CONTAINER_REASONS.has(reason) && clock.nowMs - pod.createdAtMs >= BROKEN_CONTAINER_MS) {
      return fail('CRASH_LOOP', `container ${name} of pod ${pod.name} cannot be started: ${message || reason}`);
    }
    return undefined;
  });
}

function countPulls(events: readonly EventFact[], object: string): number {
  return events
    .filter((event) => event.object === object && event.message.startsWith('Failed to pull image'))
    .reduce((sum, { count }) => sum + count, 0);
}

/**
 * Finds a workload or Job whose controller cannot create pods. The controller reports it in a condition, or only in events.
 * A cluster that is unavailable is no result: the controller tries again.
 */
function classifyRefusals(snapshot: Snapshot, clock: Clock): Failed | undefined {
  const unfinished = new Set(listUnfinished(snapshot).map((entry) => entry.replace(/ .*/, '')));
  const refusals = [
    ...snapshot.workloads.flatMap(({ kind, name, replicaFailure }) =>
      replicaFailure === null ? [] : [{ object: `${kind}/${name}`, ...replicaFailure }],
    ),
    ...snapshot.events
      .filter(({ reason, object }) => reason === 'FailedCreate' && unfinished.has(object))
      .filter(({ lastSeenMs }) => lastSeenMs >= clock.startedAtMs - EVENT_SLACK_MS)
      .map(({ object, message, firstSeenMs }) => ({ object, message, sinceMs: firstSeenMs })),
  ];
  return first(refusals, ({ object, message, sinceMs }) => {
    if (!unfinished.has(object) || clock.nowMs - sinceMs < REFUSED_MS) return undefined;
    const code = classifyRefusal({ message });
    if (code === undefined || code === 'CLUSTER_UNAVAILABLE') return undefined;
    return { kind: 'failed', code, message: `${object} cannot create pods: ${message}`, object };
  });
}

function classifyClaim(claim: ClaimFact, events: readonly EventFact[], clock: Clock): Failed | undefined {
  if (claim.bound) return undefined;
  const object = `PersistentVolumeClaim/${claim.name}`;
  const about = events.filter(
    (event) => event.object === object && event.firstSeenMs >= claim.createdAtMs - EVENT_SLACK_MS,
  );
  const refused = about.find(
    ({ reason, firstSeenMs }) => reason === 'ProvisioningFailed' && clock.nowMs - firstSeenMs >= PROVISIONING_FAILED_MS,
  );
  const fail = (why: string): Failed => ({
    kind: 'failed',
    code: 'VOLUME_PENDING',
    message: `the volume of ${claim.name} ${why}`,
    object,
  });
  if (refused !== undefined) return fail(`is not provided: ${refused.message}`);
  // A claim that waits for its first pod waits for the scheduler, not for a volume.
  const newest = about.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)[0];
  const isWaitingForPod = newest?.reason === 'WaitForFirstConsumer';
  const ageMs = clock.nowMs - Math.max(claim.createdAtMs, clock.startedAtMs);
  return ageMs >= CLAIM_PENDING_MS && !isWaitingForPod
    ? fail(`is still pending after ${Math.round(ageMs / 1000)} s`)
    : undefined;
}

function classifyScheduling(pod: PodFact, clock: Clock): Failed | undefined {
  const { unschedulable } = pod;
  if (unschedulable === null || clock.nowMs - unschedulable.sinceMs < UNSCHEDULABLE_MS) return undefined;
  if (/persistentvolumeclaim|unbound|volume node affinity/i.test(unschedulable.message)) return undefined; // judged as a volume
  return {
    kind: 'failed',
    code: 'UNSCHEDULABLE',
    message: `no node can take pod ${pod.name}: ${unschedulable.message}`,
    object: `Pod/${pod.name}`,
  };
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
