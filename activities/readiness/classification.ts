import type { FailureCode } from '../../domain/failure.ts';
import { classifyRefusal } from '../adapters/refusal.ts';
import type { ReadinessGoal } from '../../domain/operations/inputs.ts';

interface CheckoutRelevance {
  /** False: customers can order before it is ready. */
  readonly requiredForCheckout: boolean;
}

/** A Deployment or StatefulSet. */
export interface WorkloadFact extends CheckoutRelevance {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
  /** Its controller has observed the newest generation, and all replicas are updated and ready. */
  readonly rolledOut: boolean;
  readonly progress: string;
  /** Why its controller can't create pods, and since when; null when it reports no such failure. */
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
  readonly image: string;
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
  /** Why the scheduler finds no node; null when it reports no such problem. */
  readonly unschedulable: { readonly message: string; readonly sinceMs: number } | null;
  /** Init containers first, then those that an admission webhook has added to the pod of a Job. */
  readonly containers: readonly ContainerFact[];
}

export interface EventFact {
  /** `Kind/name` of the involved object. */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** The facts about a namespace at one moment. */
export interface Snapshot {
  readonly workloads: readonly WorkloadFact[];
  readonly jobs: readonly JobFact[];
  readonly claims: readonly ClaimFact[];
  readonly pods: readonly PodFact[];
  readonly events: readonly EventFact[];
}

export type ReadinessResult =
  /** `unfinished`: objects that are still starting although the goal is reached. */
  | { readonly kind: 'ready'; readonly unfinished: readonly string[] }
  | { readonly kind: 'waiting'; readonly waitingFor: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      /** `Kind/name` of the object that failed. */
      readonly object: string;
      /** Container whose log may have the cause. */
      readonly container?: string;
    };
type Failed = Extract<ReadinessResult, { kind: 'failed' }>;

export interface Clock {
  readonly nowMs: number;
  /** When the wait began. Older reports are about an earlier revision of the release. */
  readonly startedAtMs: number;
  readonly deadlineMs: number;
}

const CRASHES_TO_GIVE_UP = 3; // from here on the backoff of Kubernetes is too long for a tenant to wait
const PULL_TRIES_TO_GIVE_UP = 2; // a single failed pull may be a transient error of the registry
const UNSCHEDULABLE_MS = 15_000; // time for autoscalers and terminating pods to free capacity
const CLAIM_PENDING_MS = 60_000; // cloud disks take up to half a minute
const PROVISIONING_FAILED_MS = 10_000; // provisioners retry within seconds
const REFUSED_MS = 3_000; // the usage of a quota lags behind deleted pods
const BROKEN_CONTAINER_MS = 15_000; // the Secret or ConfigMap of the container may not exist yet
const EVENT_SLACK_MS = 60_000; // Helm ran before the wait began, and clocks differ

const TERMINAL_PULL_REASONS = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']);
const BROKEN_CONTAINER_REASONS = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

/**
 * Classifies a release as ready, waiting or failed, from the facts and the clock alone. A failure counts for both
 * goals.
 *
 * @param goal `complete`: every object is ready; `checkout`: the objects that customers need for an order are ready.
 */
export function classifyReadiness(snapshot: Snapshot, clock: Clock, goal: ReadinessGoal = 'complete'): ReadinessResult {
  const unfinished = listUnfinished(snapshot);
  if (unfinished.length === 0) return { kind: 'ready', unfinished };
  const failed = findFailure(snapshot, clock);
  if (failed !== undefined) return failed;
  const waitingFor = goal === 'complete' ? unfinished : listUnfinished(requiredForCheckout(snapshot));
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

function requiredForCheckout(snapshot: Snapshot): Snapshot {
  const workloads = snapshot.workloads.filter((workload) => workload.requiredForCheckout);
  return { ...snapshot, workloads, jobs: snapshot.jobs.filter((job) => job.requiredForCheckout) };
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

function findFailure(snapshot: Snapshot, clock: Clock): Failed | undefined {
  const pods = snapshot.pods.filter(({ terminating, finished }) => !terminating && !finished);
  return (
    first(snapshot.jobs, classifyJob) ??
    first(pods, (pod) => classifyPod(pod, snapshot.events, clock)) ??
    classifyRefusals(snapshot, clock) ??
    first(snapshot.claims, (claim) => classifyClaim(claim, snapshot.events, clock)) ??
    first(pods, (pod) => classifyScheduling(pod, clock))
  );
}

function classifyJob(job: JobFact): Failed | undefined {
  if (job.state !== 'failed') return undefined;
  return {
    kind: 'failed',
    code: 'JOB_FAILED',
    message: `the Job ${job.name} failed: ${job.message}`,
    object: `Job/${job.name}`,
  };
}

function classifyPod(pod: PodFact, events: readonly EventFact[], clock: Clock): Failed | undefined {
  const object = `Pod/${pod.name}`;
  return first(pod.containers, ({ name, image, restarts, waiting }) => {
    if (waiting === null) return undefined;
    const { reason, message } = waiting;
    const fail = (code: FailureCode, text: string): Failed => ({
      kind: 'failed',
      code,
      message: text,
      object,
      container: name,
    });
    const failedTwice = reason === 'ErrImagePull' && countPulls(events, object) >= PULL_TRIES_TO_GIVE_UP;
    if (TERMINAL_PULL_REASONS.has(reason) || failedTwice) {
      return fail(
        'IMAGE_PULL_FAILED',
        `the image ${image} of container ${name} cannot be pulled: ${message || reason}`,
      );
    }
    // The pod of a Job may crash as often as the backoff limit of the Job allows.
    const isCrashLoop = reason === 'CrashLoopBackOff' && restarts >= CRASHES_TO_GIVE_UP && pod.ownerKind !== 'Job';
    if (isCrashLoop) return fail('CRASH_LOOP', `container ${name} of pod ${pod.name} crashed ${restarts} times`);
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
 * Finds a workload or Job whose controller cannot create pods. The controller reports it in a condition, or only in
 * events. A cluster that is unavailable is no result: the controller tries again.
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
  const fail = (problem: string): Failed => ({
    kind: 'failed',
    code: 'VOLUME_PENDING',
    message: `the volume of ${claim.name} ${problem}`,
    object,
  });
  if (refused !== undefined) return fail(`was not provisioned: ${refused.message}`);
  // With the binding mode WaitForFirstConsumer, the claim waits for the scheduler, not for the provisioner.
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
  if (/persistentvolumeclaim|unbound|volume node affinity/i.test(unschedulable.message)) return undefined; // see classifyClaim
  return {
    kind: 'failed',
    code: 'UNSCHEDULABLE',
    message: `no node can schedule the pod ${pod.name}: ${unschedulable.message}`,
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
