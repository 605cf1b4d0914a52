import { isDefinitePullRefusal } from '../adapters/image-pull.ts';
import type { ClaimFact, Clock, ContainerFact, EventFact, PodFact } from './facts.ts';
import { first, type Problem } from './problem.ts';

const CRASHES_TO_GIVE_UP = 3; // from here on the backoff of Kubernetes is too long for a tenant to wait
const DEFINITE_PULLS_TO_GIVE_UP = 2; // registries also answer 401 and 404 for a moment, while they are updated
const BROKEN_CONTAINER_MS = 15_000; // the Secret or ConfigMap of the container may not exist yet
const UNSCHEDULABLE_WARNING_MS = 5_000; // terminating pods free capacity within seconds

const IMPOSSIBLE_PULL_REASONS = new Set(['InvalidImageName', 'ErrImageNeverPull']);
/** The kubelet reports `ImagePullBackOff` between two pulls, also between the first and the second one. */
const FAILED_PULL_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'ImageInspectError',
  'SignatureValidationFailed',
]);
/** Events of autoscalers about a pod. */
const SCALING_REASONS = new Set(['TriggeredScaleUp', 'NotTriggerScaleUp']);
const BROKEN_CONTAINER_REASONS = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

/** Finds the container of a pod that cannot start or crashes. */
export function findContainerProblem(pod: PodFact, events: readonly EventFact[], clock: Clock): Problem | undefined {
  return first(pod.containers, (container) => classifyContainer(pod, container, events, clock));
}

function classifyContainer(
  pod: PodFact,
  container: ContainerFact,
  events: readonly EventFact[],
  clock: Clock,
): Problem | undefined {
  const { name, image, restarts, waiting } = container;
  if (waiting === null) return undefined;
  const { reason, message } = waiting;
  const place = { object: `Pod/${pod.name}`, container: name };
  if (IMPOSSIBLE_PULL_REASONS.has(reason)) {
    const text = `the image ${image} of container ${name} cannot be pulled: ${message || reason}`;
    return { kind: 'final', code: 'IMAGE_PULL_FAILED', message: text, ...place };
  }
  if (FAILED_PULL_REASONS.has(reason)) return classifyPull(pod, container, events);
  // The pod of a Job may crash as often as the backoff limit of the Job allows.
  if (reason === 'CrashLoopBackOff' && restarts >= CRASHES_TO_GIVE_UP && pod.ownerKind !== 'Job') {
    const text = `container ${name} of pod ${pod.name} crashed ${restarts} times`;
    return { kind: 'final', code: 'CRASH_LOOP', message: text, ...place };
  }
  if (BROKEN_CONTAINER_REASONS.has(reason) && clock.nowMs - pod.createdAtMs >= BROKEN_CONTAINER_MS) {
    const text = `container ${name} of pod ${pod.name} cannot be started: ${message || reason}`;
    return { kind: 'final', code: 'CRASH_LOOP', message: text, ...place };
  }
  return undefined;
}

/**
 * A registry that answers twice that it has no such image, or that it denies the access, is not asked a third time. Any
 * other error, such as a 503, may pass.
 */
function classifyPull(pod: PodFact, { name, image, waiting }: ContainerFact, events: readonly EventFact[]): Problem {
  const failed = events
    .filter(({ uid, message }) => uid === pod.uid && message.startsWith('Failed to pull image'))
    .filter(({ container }) => container === null || container === name)
    .toSorted((a, b) => a.lastSeenMs - b.lastSeenMs);
  const newest = failed.at(-1);
  const definite = failed.filter(({ message }) => isDefinitePullRefusal(message));
  const refusals = definite.reduce((sum, { count }) => sum + count, 0);
  const isFinal = newest !== undefined && definite.includes(newest) && refusals >= DEFINITE_PULLS_TO_GIVE_UP;
  const cause = newest?.message ?? (waiting?.message || waiting?.reason);
  return {
    kind: isFinal ? 'final' : 'passing',
    code: 'IMAGE_PULL_FAILED',
    message: `the image ${image} of container ${name} cannot be pulled: ${cause}`,
    object: `Pod/${pod.name}`,
    container: name,
  };
}

/** Finds out whether no node can take a pod. An autoscaler or a pod that ends can still provide a place. */
export function findSchedulingProblem(
  pod: PodFact,
  { claims, events }: { readonly claims: readonly ClaimFact[]; readonly events: readonly EventFact[] },
  clock: Clock,
): Problem | undefined {
  const { unschedulable } = pod;
  if (unschedulable === null) return undefined;
  const ageMs = clock.nowMs - unschedulable.sinceMs;
  if (ageMs < UNSCHEDULABLE_WARNING_MS) return undefined;
  // The pod waits for its claim, whose problem says more.
  if (/persistentvolumeclaim|unbound/i.test(unschedulable.message) && claims.some(({ bound }) => !bound)) {
    return undefined;
  }
  const scaling = newestScaling(pod, events);
  const isFinal = ageMs >= clock.unschedulableMs && scaling?.reason !== 'TriggeredScaleUp';
  const autoscaler = scaling === undefined ? '' : `; the autoscaler reported ${scaling.reason}: ${scaling.message}`;
  return {
    kind: isFinal ? 'final' : 'passing',
    code: 'UNSCHEDULABLE',
    message: `no node can schedule the pod ${pod.name}: ${unschedulable.message}${autoscaler}`,
    object: `Pod/${pod.name}`,
  };
}

/** `NotTriggerScaleUp` does not end the wait either: the autoscaler repeats it until a limit is raised or a back-off is over. */
function newestScaling(pod: PodFact, events: readonly EventFact[]): EventFact | undefined {
  return events
    .filter(({ uid, reason }) => uid === pod.uid && SCALING_REASONS.has(reason))
    .toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)[0];
}
