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
import { nameOf } from '../adapters/object-identity.ts';
import type { ClaimFact, EventFact, JobFact, PodFact, Snapshot, WorkloadFact } from './classification.ts';

/** What is looked at to judge a release, by kind. Lists carry dates, watches carry strings: both are understood. */
export interface NamespaceObjects {
  readonly Deployment: readonly V1Deployment[];
  readonly StatefulSet: readonly V1StatefulSet[];
  readonly Job: readonly V1Job[];
  readonly PersistentVolumeClaim: readonly V1PersistentVolumeClaim[];
  readonly Pod: readonly V1Pod[];
  readonly Event: readonly CoreV1Event[];
}

/** The facts that count, taken from the objects of a namespace. */
export function snapshotOf(objects: NamespaceObjects): Snapshot {
  const jobs = objects.Job.filter((job) => ownerOf(job).kind !== 'CronJob');
  const passing = new Set(objects.Job.filter((job) => !jobs.includes(job)).map((job) => job.metadata?.name));
  const pods = objects.Pod.filter((pod) => !(ownerOf(pod).kind === 'Job' && passing.has(ownerOf(pod).name)));
  return {
    workloads: [
      ...objects.Deployment.map((deployment) => deploymentFact(deployment, pods)),
      ...objects.StatefulSet.map(statefulSetFact),
    ],
    jobs: jobs.map((job) => jobFact(job, pods)),
    claims: objects.PersistentVolumeClaim.map(claimFact),
    pods: pods.map(podFact),
    events: objects.Event.map(eventFact),
  };
}

/**
 * Returns the pods that serve customers, newest first: those of the Deployments that are required for checkout. Databases
 * are StatefulSets.
 */
export function servingPods(objects: Pick<NamespaceObjects, 'Deployment' | 'Pod'>): readonly V1Pod[] {
  const serving = objects.Deployment.filter(isRequiredForCheckout);
  return objects.Pod.filter((pod) => pod.metadata?.deletionTimestamp === undefined)
    .filter((pod) => serving.some((deployment) => isPodOf(deployment, pod)))
    .toSorted((a, b) => toMs(b.metadata?.creationTimestamp) - toMs(a.metadata?.creationTimestamp));
}

function deploymentFact(deployment: V1Deployment, pods: readonly V1Pod[]): WorkloadFact {
  const wanted = deployment.spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  const isCurrent = updatedReplicas === wanted && replicas === wanted; // none of the former revision is left
  const isServing = (readyReplicas >= wanted && availableReplicas >= wanted) || isServedBy(deployment, pods, wanted);
  return {
    kind: 'Deployment',
    name: nameOf(deployment, 'Deployment'),
    rolledOut: isObserved(deployment, deployment.status) && isCurrent && isServing,
    progress: `${readyReplicas} of ${wanted} ready`,
    requiredForCheckout: isRequiredForCheckout(deployment),
    replicaFailure: replicaFailureOf(deployment),
  };
}

/**
 * Whether the pods themselves say that they are ready. Their Deployment says so up to half a second later: its ReplicaSet's
 * controller counts them first, and its own counts that.
 */
function isServedBy(deployment: V1Deployment, pods: readonly V1Pod[], wanted: number): boolean {
  if ((deployment.spec?.minReadySeconds ?? 0) > 0) return false; // then ready is not available yet
  const own = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined && isPodOf(deployment, pod));
  const forms = new Set(own.map(formOf));
  return own.length === wanted && forms.size <= 1 && own.every(isReady);
}

/** The ReplicaSet between the two is named after the one and after the form of the other. */
function isPodOf(deployment: V1Deployment, pod: V1Pod): boolean {
  const { kind, name } = ownerOf(pod);
  return kind === 'ReplicaSet' && name === `${nameOf(deployment, 'Deployment')}-${formOf(pod)}`;
}

function formOf({ metadata }: V1Pod): string | undefined {
  return metadata?.labels?.['pod-template-hash'];
}

function replicaFailureOf({ status }: V1Deployment): WorkloadFact['replicaFailure'] {
  const failure = status?.conditions?.find((found) => found.type === 'ReplicaFailure' && found.status === 'True');
  return failure === undefined ? null : { message: failure.message ?? '', sinceMs: toMs(failure.lastTransitionTime) };
}

function statefulSetFact(set: V1StatefulSet): WorkloadFact {
  const wanted = set.spec?.replicas ?? 1;
  const { readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = set.status ?? {};
  const isCurrent = currentRevision === updateRevision || updatedReplicas >= wanted;
  return {
    kind: 'StatefulSet',
    name: nameOf(set, 'StatefulSet'),
    rolledOut: isObserved(set, set.status) && isCurrent && readyReplicas >= wanted,
    progress: `${readyReplicas} of ${wanted} ready`,
    requiredForCheckout: isRequiredForCheckout(set),
    replicaFailure: null, // StatefulSets have no such condition: only events tell
  };
}

function isRequiredForCheckout({ metadata }: KubernetesObject): boolean {
  return metadata?.annotations?.[ANNOTATIONS.requiredForCheckout] !== 'false';
}

function isObserved(object: KubernetesObject, status: { readonly observedGeneration?: number } | undefined): boolean {
  return (status?.observedGeneration ?? 0) >= (object.metadata?.generation ?? 0);
}

/**
 * A Job of one pod has done its work when that pod's containers have ended well. Its controller says so two seconds later:
 * the kubelet takes the pod apart first, and the controller looks once a second.
 */
function jobFact(job: V1Job, pods: readonly V1Pod[]): JobFact {
  const conditions = job.status?.conditions?.filter((condition) => condition.status === 'True') ?? [];
  const failed = conditions.find(({ type }) => type === 'Failed' || type === 'FailureTarget');
  const hasPodEndedWell = pods.some((pod) => hasEndedWell(pod) && ownerOf(pod).name === nameOf(job, 'Job'));
  const isDone = (job.spec?.completions ?? 1) === 1 && hasPodEndedWell;
  const complete = isDone || conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet');
  const state = failed === undefined ? (complete ? 'complete' : 'running') : 'failed';
  const message = failed?.message ?? failed?.reason ?? '';
  return { name: nameOf(job, 'Job'), state, message, requiredForCheckout: isRequiredForCheckout(job) };
}

/** Pods of Jobs only: what ends elsewhere is started again. */
function hasEndedWell(pod: V1Pod): boolean {
  const containers = pod.status?.containerStatuses ?? [];
  return (
    ownerOf(pod).kind === 'Job' &&
    containers.length > 0 &&
    containers.every(({ state }) => state?.terminated?.exitCode === 0)
  );
}

function claimFact(claim: V1PersistentVolumeClaim): ClaimFact {
  return {
    name: nameOf(claim, 'PersistentVolumeClaim'),
    bound: claim.status?.phase === 'Bound',
    createdAtMs: toMs(claim.metadata?.creationTimestamp),
  };
}

function podFact(pod: V1Pod): PodFact {
  const { status } = pod;
  const scheduled = conditionOf(pod, 'PodScheduled');
  const isRefused = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  return {
    name: nameOf(pod, 'Pod'),
    ownerKind: ownerOf(pod).kind,
    createdAtMs: toMs(pod.metadata?.creationTimestamp),
    terminating: pod.metadata?.deletionTimestamp !== undefined,
    finished: hasEndedWell(pod) || ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
    ready: isReady(pod),
    unschedulable: isRefused ? { message: scheduled.message ?? '', sinceMs: toMs(scheduled.lastTransitionTime) } : null,
    containers: [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(containerFact),
  };
}

function isReady(pod: V1Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

function conditionOf({ status }: V1Pod, type: string) {
  return status?.conditions?.find((candidate) => candidate.type === type);
}

function containerFact({ name, restartCount, state }: V1ContainerStatus) {
  const waiting = state?.waiting;
  return {
    name,
    restarts: restartCount,
    waiting: waiting === undefined ? null : { reason: waiting.reason ?? '', message: waiting.message ?? '' },
  };
}

/** Events come in two forms: counted ones of old, and series of the newer API. */
function eventFact(event: CoreV1Event): EventFact {
  const { involvedObject, series } = event;
  const lastSeenMs = toMs(
    series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp,
  );
  return {
    object: `${involvedObject.kind ?? ''}/${involvedObject.name ?? ''}`,
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: series?.count ?? event.count ?? 1,
    firstSeenMs: toMs(event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp) || lastSeenMs,
    lastSeenMs,
  };
}

function ownerOf(object: KubernetesObject): { readonly kind: string; readonly name: string } {
  const owner = object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return { kind: owner?.kind ?? '', name: owner?.name ?? '' };
}

function toMs(time: Date | string | undefined | null): number {
  return time === undefined || time === null ? 0 : new Date(time).getTime();
}
