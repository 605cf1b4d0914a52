import type {
  CoreV1Event,
  KubernetesObject,
  V1ContainerStatus,
  V1Deployment,
  V1Job,
  V1PersistentVolumeClaim,
  V1Pod,
  V1StatefulSet,
} from '@kubernetes/client-node';
import { ANNOTATIONS } from '../../domain/names.ts';
import { nameOf, uidOf } from '../adapters/object-identity.ts';
import type { ClaimFact, EventFact, JobFact, PodFact, Snapshot, WorkloadFact } from './facts.ts';

/** The objects that readiness depends on, by kind. Times are dates in lists and strings in watch events. */
export interface NamespaceObjects {
  readonly Deployment: readonly V1Deployment[];
  readonly StatefulSet: readonly V1StatefulSet[];
  readonly Job: readonly V1Job[];
  readonly PersistentVolumeClaim: readonly V1PersistentVolumeClaim[];
  readonly Pod: readonly V1Pod[];
  readonly Event: readonly CoreV1Event[];
}

/** Extracts the facts that readiness depends on. */
export function snapshotOf(objects: NamespaceObjects): Snapshot {
  const { Pod: pods } = objects;
  const jobsByName = new Map(objects.Job.map((job) => [nameOf(job, 'Job'), job]));
  const jobOf = (pod: V1Pod) => (ownerOf(pod).kind === 'Job' ? jobsByName.get(ownerOf(pod).name) : undefined);
  return {
    workloads: [
      ...objects.Deployment.map((deployment) => deploymentFact(deployment, pods)),
      ...objects.StatefulSet.map((set) => statefulSetFact(set, pods)),
    ],
    jobs: objects.Job.map((job) => jobFact(job, pods)),
    claims: objects.PersistentVolumeClaim.map(claimFact),
    pods: pods.map((pod) => podFact(pod, jobOf(pod))),
    events: objects.Event.map(eventFact),
  };
}

/**
 * Returns the pods that serve customers, newest first: those of the Deployments that are required for checkout.
 * Databases are StatefulSets.
 */
export function servingPods(objects: Pick<NamespaceObjects, 'Deployment' | 'Pod'>): readonly V1Pod[] {
  const serving = objects.Deployment.filter(isRequiredForCheckout);
  return objects.Pod.filter(isLive)
    .filter((pod) => serving.some((deployment) => isPodOf(deployment, pod)))
    .toSorted((a, b) => toMs(b.metadata?.creationTimestamp) - toMs(a.metadata?.creationTimestamp));
}

function deploymentFact(deployment: V1Deployment, pods: readonly V1Pod[]): WorkloadFact {
  const wanted = deployment.spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  const isCurrent = updatedReplicas === wanted && replicas === wanted; // no pod of an earlier revision remains
  const isServing = (readyReplicas >= wanted && availableReplicas >= wanted) || isServedBy(deployment, pods, wanted);
  return {
    kind: 'Deployment',
    name: nameOf(deployment, 'Deployment'),
    uid: uidOf(deployment, 'Deployment'),
    specChangedMs: specChangedMs(deployment),
    missesPods: pods.filter((pod) => isLive(pod) && isPodOf(deployment, pod)).length < wanted,
    rolledOut: isObserved(deployment, deployment.status) && isCurrent && isServing,
    progress: `${readyReplicas} of ${wanted} ready`,
    requiredForCheckout: isRequiredForCheckout(deployment),
    replicaFailure: replicaFailureOf(deployment),
  };
}

/**
 * Returns whether the pods of a Deployment are ready. The status of the Deployment follows up to half a second later:
 * the ReplicaSet controller counts the pods first, then the Deployment controller reads that count.
 */
function isServedBy(deployment: V1Deployment, pods: readonly V1Pod[], wanted: number): boolean {
  if ((deployment.spec?.minReadySeconds ?? 0) > 0) return false; // a ready pod is not available yet
  const own = pods.filter((pod) => isLive(pod) && isPodOf(deployment, pod));
  const templates = new Set(own.map(templateHashOf));
  return own.length === wanted && templates.size <= 1 && own.every(isReady);
}

/** The ReplicaSet in between is named after the Deployment and the template hash of the pod. */
function isPodOf(deployment: V1Deployment, pod: V1Pod): boolean {
  const { kind, name } = ownerOf(pod);
  return kind === 'ReplicaSet' && name === `${nameOf(deployment, 'Deployment')}-${templateHashOf(pod)}`;
}

function templateHashOf({ metadata }: V1Pod): string | undefined {
  return metadata?.labels?.['pod-template-hash'];
}

/** The condition of an earlier generation is about pods that are no longer wanted. */
function replicaFailureOf(deployment: V1Deployment): WorkloadFact['replicaFailure'] {
  const { status } = deployment;
  if (!isObserved(deployment, status)) return null;
  const failure = status?.conditions?.find((found) => found.type === 'ReplicaFailure' && found.status === 'True');
  return failure === undefined ? null : { message: failure.message ?? '', sinceMs: toMs(failure.lastTransitionTime) };
}

/**
 * The watches of StatefulSets and pods are not synchronized: the status can count pods whose last change was not seen
 * yet. The set is rolled out only when the pods that were seen are ready too.
 */
function statefulSetFact(set: V1StatefulSet, pods: readonly V1Pod[]): WorkloadFact {
  const wanted = set.spec?.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = set.status ?? {};
  const isCurrent = currentRevision === updateRevision || updatedReplicas >= wanted;
  const readyPods = pods.filter((pod) => isReady(pod) && isOwnedBy(set, pod));
  const isServing = readyReplicas >= wanted && readyPods.length >= wanted;
  return {
    kind: 'StatefulSet',
    name: nameOf(set, 'StatefulSet'),
    uid: uidOf(set, 'StatefulSet'),
    specChangedMs: specChangedMs(set),
    missesPods: pods.filter((pod) => isLive(pod) && isOwnedBy(set, pod)).length < wanted,
    rolledOut: isObserved(set, set.status) && isCurrent && isServing,
    progress: `${readyReplicas} of ${wanted} ready`,
    requiredForCheckout: isRequiredForCheckout(set),
    replicaFailure: null, // StatefulSets have no such condition; their controller reports it in events only
  };
}

function isOwnedBy(set: V1StatefulSet, pod: V1Pod): boolean {
  const { kind, name } = ownerOf(pod);
  return kind === 'StatefulSet' && name === nameOf(set, 'StatefulSet');
}

function isLive({ metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp === undefined;
}

/** Writes of the status do not count. The API server notes the time of each other write, in whole seconds. */
function specChangedMs({ metadata }: KubernetesObject): number {
  const writes = metadata?.managedFields?.filter(({ subresource }) => subresource === undefined) ?? [];
  return Math.max(toMs(metadata?.creationTimestamp), ...writes.map(({ time }) => toMs(time)));
}

function isRequiredForCheckout({ metadata }: KubernetesObject): boolean {
  return metadata?.annotations?.[ANNOTATIONS.requiredForCheckout] !== 'false';
}

function isObserved(object: KubernetesObject, status: { readonly observedGeneration?: number } | undefined): boolean {
  return (status?.observedGeneration ?? 0) >= (object.metadata?.generation ?? 0);
}

/**
 * A Job of one pod is complete when all its containers have exited with code 0. The status of the Job follows two seconds
 * later: the kubelet removes the pod's sandbox first, and the controller syncs once a second. It never follows while a
 * container runs that an admission webhook has added, such as the proxy of a service mesh.
 */
function jobFact(job: V1Job, pods: readonly V1Pod[]): JobFact {
  const conditions = job.status?.conditions?.filter((condition) => condition.status === 'True') ?? [];
  const failed = conditions.find(({ type }) => type === 'Failed' || type === 'FailureTarget');
  const own = pods.filter((pod) => ownerOf(pod).kind === 'Job' && ownerOf(pod).name === nameOf(job, 'Job'));
  const hasSucceededPod = own.some((pod) => hasSucceeded(pod, job));
  const isDone = (job.spec?.completions ?? 1) === 1 && hasSucceededPod;
  const complete = isDone || conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet');
  const state = failed === undefined ? (complete ? 'complete' : 'running') : 'failed';
  const message = [failed?.message ?? failed?.reason ?? '', ...describeAdded(own, job)].filter(Boolean).join('; ');
  return {
    name: nameOf(job, 'Job'),
    uid: uidOf(job, 'Job'),
    specChangedMs: specChangedMs(job),
    missesPods: own.length === 0,
    state,
    message,
    requiredForCheckout: isRequiredForCheckout(job),
  };
}

/** Only for pods of Jobs: other controllers restart a container that exits. */
function hasSucceeded(pod: V1Pod, job: V1Job): boolean {
  const containers = (pod.status?.containerStatuses ?? []).filter(({ name }) => !isAdded(name, job));
  return containers.length > 0 && containers.every(({ state }) => state?.terminated?.exitCode === 0);
}

/** Returns whether a container is not part of the Job's own template. */
function isAdded(container: string, job: V1Job | undefined): boolean {
  const own = job?.spec?.template.spec?.containers ?? [];
  return own.length > 0 && !own.some(({ name }) => name === container);
}

/** Names the added containers that keep the pods of a Job running. */
function describeAdded(pods: readonly V1Pod[], job: V1Job): readonly string[] {
  const names = pods
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .filter(({ name, state }) => state?.running !== undefined && isAdded(name, job))
    .map(({ name }) => name);
  if (names.length === 0) return [];
  const [plural, verb] = names.length === 1 ? ['', 'is'] : ['s', 'are'];
  return [
    `the container${plural} ${names.join(', ')} did not end and ${verb} not part of the Job: exclude the pod from injection`,
  ];
}

function claimFact(claim: V1PersistentVolumeClaim): ClaimFact {
  return {
    name: nameOf(claim, 'PersistentVolumeClaim'),
    uid: uidOf(claim, 'PersistentVolumeClaim'),
    bound: claim.status?.phase === 'Bound',
    createdAtMs: toMs(claim.metadata?.creationTimestamp),
  };
}

/** @param job The owner of the pod, if it is a Job. */
function podFact(pod: V1Pod, job: V1Job | undefined): PodFact {
  const { status } = pod;
  const main = status?.containerStatuses ?? [];
  const added = main.filter(({ name }) => isAdded(name, job));
  const scheduled = conditionOf(pod, 'PodScheduled');
  const isUnschedulable = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  return {
    name: nameOf(pod, 'Pod'),
    uid: uidOf(pod, 'Pod'),
    ownerKind: ownerOf(pod).kind,
    createdAtMs: toMs(pod.metadata?.creationTimestamp),
    terminating: pod.metadata?.deletionTimestamp !== undefined,
    finished: (job !== undefined && hasSucceeded(pod, job)) || ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
    ready: isReady(pod),
    unschedulable: isUnschedulable
      ? { message: scheduled.message ?? '', sinceMs: toMs(scheduled.lastTransitionTime) }
      : null,
    containers: [
      ...(status?.initContainerStatuses ?? []),
      ...added,
      ...main.filter((container) => !added.includes(container)),
    ].map(containerFact),
  };
}

function isReady(pod: V1Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

function conditionOf({ status }: V1Pod, type: string) {
  return status?.conditions?.find((candidate) => candidate.type === type);
}

function containerFact({ name, image, restartCount, state }: V1ContainerStatus) {
  const waiting = state?.waiting;
  return {
    name,
    image,
    restarts: restartCount,
    waiting: waiting === undefined ? null : { reason: waiting.reason ?? '', message: waiting.message ?? '' },
  };
}

/** Reads both forms of events: the legacy one with a count, and the newer one with a series. */
export function eventFact(event: CoreV1Event): EventFact {
  const { series } = event;
  const lastSeenMs = toMs(
    series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp,
  );
  return {
    ...subjectOf(event),
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: series?.count ?? event.count ?? 1,
    firstSeenMs: toMs(event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp) || lastSeenMs,
    lastSeenMs,
  };
}

function subjectOf({ involvedObject }: CoreV1Event): Pick<EventFact, 'object' | 'uid' | 'container'> {
  const { kind = '', name = '', uid = '', fieldPath = '' } = involvedObject;
  return { object: `${kind}/${name}`, uid, container: /\{(.+)\}$/.exec(fieldPath)?.[1] ?? null };
}

function ownerOf(object: KubernetesObject): { readonly kind: string; readonly name: string } {
  const owner = object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return { kind: owner?.kind ?? '', name: owner?.name ?? '' };
}

function toMs(time: Date | string | undefined | null): number {
  return time === undefined || time === null ? 0 : new Date(time).getTime();
}
