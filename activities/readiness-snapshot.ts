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
import type { ClaimFact, EventFact, JobFact, PodFact, Snapshot, WorkloadFact } from './readiness-verdict.ts';

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
    workloads: [...objects.Deployment.map(deploymentFact), ...objects.StatefulSet.map(statefulSetFact)],
    jobs: jobs.map(jobFact),
    claims: objects.PersistentVolumeClaim.map(claimFact),
    pods: pods.map(podFact),
    events: objects.Event.map(eventFact),
  };
}

function deploymentFact(deployment: V1Deployment): WorkloadFact {
  const { spec, status } = deployment;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const failure = status?.conditions?.find(
    (condition) => condition.type === 'ReplicaFailure' && condition.status === 'True',
  );
  return {
    kind: 'Deployment',
    name: nameOf(deployment),
    rolledOut:
      isObserved(deployment, status) &&
      (status?.updatedReplicas ?? 0) === wanted &&
      (status?.replicas ?? 0) === wanted && // none of the former revision is left
      (status?.availableReplicas ?? 0) >= wanted &&
      ready >= wanted,
    progress: `${ready} of ${wanted} ready`,
    replicaFailure:
      failure === undefined ? null : { message: failure.message ?? '', sinceMs: toMs(failure.lastTransitionTime) },
  };
}

function statefulSetFact(set: V1StatefulSet): WorkloadFact {
  const { spec, status } = set;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  return {
    kind: 'StatefulSet',
    name: nameOf(set),
    rolledOut:
      isObserved(set, status) &&
      ready >= wanted &&
      (status?.currentRevision === status?.updateRevision || (status?.updatedReplicas ?? 0) >= wanted),
    progress: `${ready} of ${wanted} ready`,
    replicaFailure: null, // StatefulSets have no such condition: only events tell
  };
}

function isObserved(object: KubernetesObject, status: { readonly observedGeneration?: number } | undefined): boolean {
  return (status?.observedGeneration ?? 0) >= (object.metadata?.generation ?? 0);
}

function jobFact(job: V1Job): JobFact {
  const conditions = job.status?.conditions?.filter((condition) => condition.status === 'True') ?? [];
  const failed = conditions.find(({ type }) => type === 'Failed' || type === 'FailureTarget');
  const complete = conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet');
  const state = failed === undefined ? (complete ? 'complete' : 'running') : 'failed';
  return { name: nameOf(job), state, message: failed?.message ?? failed?.reason ?? '' };
}

function claimFact(claim: V1PersistentVolumeClaim): ClaimFact {
  return {
    name: nameOf(claim),
    bound: claim.status?.phase === 'Bound',
    createdAtMs: toMs(claim.metadata?.creationTimestamp),
  };
}

function podFact(pod: V1Pod): PodFact {
  const { status } = pod;
  const condition = (type: string) => status?.conditions?.find((candidate) => candidate.type === type);
  const scheduled = condition('PodScheduled');
  const isRefused = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  return {
    name: nameOf(pod),
    ownerKind: ownerOf(pod).kind,
    createdAtMs: toMs(pod.metadata?.creationTimestamp),
    terminating: pod.metadata?.deletionTimestamp !== undefined,
    finished: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    ready: condition('Ready')?.status === 'True',
    unschedulable: isRefused ? { message: scheduled.message ?? '', sinceMs: toMs(scheduled.lastTransitionTime) } : null,
    containers: [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(containerFact),
  };
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

function nameOf(object: KubernetesObject): string {
  return object.metadata?.name ?? '';
}

function toMs(time: Date | string | undefined | null): number {
  return time === undefined || time === null ? 0 : new Date(time).getTime();
}
