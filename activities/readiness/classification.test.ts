import { describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import { classifyReadiness, reasonOf } from './classification.ts';
import type { ClaimFact, Clock, EventFact, JobFact, PodFact, Snapshot, WorkloadFact } from './facts.ts';
import type { ReadinessGoal } from '../../domain/operations/inputs.ts';

const STARTED = 1_000_000_000;
const NOTHING: Snapshot = { workloads: [], jobs: [], claims: [], pods: [], events: [] };

function classifyAfter(
  seconds: number,
  facts: Partial<Snapshot>,
  goal?: ReadinessGoal,
  seed: Partial<Pick<Clock, 'unschedulableMs' | 'isContinued'>> = {},
) {
  const clock: Clock = {
    startedAtMs: STARTED,
    nowMs: STARTED + seconds * 1_000,
    deadlineMs: STARTED + 900_000,
    unschedulableMs: Infinity,
    isContinued: false,
    ...seed,
  };
  return classifyReadiness({ ...NOTHING, ...facts }, clock, goal);
}

const starting: WorkloadFact = {
  kind: 'Deployment',
  name: 'web',
  uid: 'Deployment/web',
  specChangedMs: STARTED - 5_000,
  missesPods: true,
  rolledOut: false,
  progress: '0 of 1 ready',
  requiredForCheckout: true,
  replicaFailure: null,
};
const pendingClaim: ClaimFact = {
  name: 'data',
  uid: 'PersistentVolumeClaim/data',
  bound: false,
  createdAtMs: STARTED,
};
const runningJob: JobFact = {
  name: 'setup',
  uid: 'Job/setup',
  specChangedMs: STARTED - 5_000,
  missesPods: true,
  state: 'running',
  message: '',
  requiredForCheckout: true,
};

function pod(seed: Partial<PodFact> = {}): PodFact {
  return {
    name: 'web-1',
    uid: 'Pod/web-1',
    ownerKind: 'ReplicaSet',
    createdAtMs: STARTED,
    terminating: false,
    finished: false,
    ready: false,
    unschedulable: null,
    containers: [],
    ...seed,
  };
}

function waiting(reason: string, restarts = 0, seed: Partial<PodFact> = {}): PodFact {
  return pod({
    containers: [{ name: 'main', image: 'registry.test/shop:1', restarts, waiting: { reason, message: '' } }],
    ...seed,
  });
}

/** The UID of an object in these tests is its `Kind/name`. */
function event(seed: Partial<EventFact>): EventFact {
  const object = seed.object ?? 'Pod/web-1';
  return {
    object,
    uid: object,
    container: null,
    reason: '',
    message: '',
    count: 1,
    firstSeenMs: STARTED,
    lastSeenMs: STARTED,
    ...seed,
  };
}

const workloads = [starting];
const unschedulablePod = (message: string) => pod({ unschedulable: { message, sinceMs: STARTED } });
const replicaFailure = (message: string) => [{ ...starting, replicaFailure: { message, sinceMs: STARTED } }];
const quotaEvent = { reason: 'FailedCreate', message: 'pods "db-0" is forbidden: exceeded quota: store-quota' };
const pullEvent = (count: number, cause = 'not found', seed: Partial<EventFact> = {}) =>
  event({ reason: 'Failed', message: `Failed to pull image "x": ${cause}`, count, ...seed });
const UNAVAILABLE = 'unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable';
const database: WorkloadFact = { ...starting, kind: 'StatefulSet', name: 'db', uid: 'StatefulSet/db' };
const claimEvent = (reason: string) =>
  event({ object: 'PersistentVolumeClaim/data', reason, message: 'no such class' });

describe('a release is ready when', () => {
  test.each<[string, Partial<Snapshot>]>([
    ['there is nothing to wait for', {}],
    [
      'all objects are rolled out, complete or bound',
      {
        workloads: [{ ...starting, rolledOut: true }],
        jobs: [{ ...runningJob, state: 'complete' }],
        claims: [{ ...pendingClaim, bound: true }],
      },
    ],
    ['a pod of no workload has a problem', { pods: [waiting('ImagePullBackOff')] }],
  ])('%s', (_, facts) => {
    expect(classifyAfter(0, facts)).toEqual({ kind: 'ready', unfinished: [] });
  });
});

describe('a release is waiting while', () => {
  test.each<[string, number, Partial<Snapshot>]>([
    ['a Deployment rolls out', 1, { workloads }],
    ['a Job runs', 1, { jobs: [runningJob] }],
    ['a claim is not bound', 899, { claims: [pendingClaim] }],
    ['one pull failed', 1, { workloads, pods: [waiting('ErrImagePull')], events: [pullEvent(1)] }],
    ['a pull is in backoff', 1, { workloads, pods: [waiting('ImagePullBackOff')], events: [pullEvent(1)] }],
    [
      'the registry is unavailable',
      600,
      { workloads, pods: [waiting('ImagePullBackOff')], events: [pullEvent(9, UNAVAILABLE)] },
    ],
    [
      'the newest answer of the registry is no refusal',
      600,
      {
        workloads,
        pods: [waiting('ImagePullBackOff')],
        events: [pullEvent(2), pullEvent(1, UNAVAILABLE, { lastSeenMs: STARTED + 1 })],
      },
    ],
    [
      'only another pod or container could not pull its image',
      600,
      {
        workloads,
        pods: [waiting('ImagePullBackOff')],
        events: [pullEvent(2, 'not found', { uid: 'an earlier web-1' }), pullEvent(2, 'not found', { container: 'x' })],
      },
    ],
    ['a container crashed twice', 1, { workloads, pods: [waiting('CrashLoopBackOff', 2)] }],
    [
      'the pod of a Job crashes within the backoff limit',
      1,
      { jobs: [runningJob], pods: [waiting('CrashLoopBackOff', 5, { ownerKind: 'Job' })] },
    ],
    ['a crashing pod terminates', 1, { workloads, pods: [waiting('CrashLoopBackOff', 9, { terminating: true })] }],
    ['a Secret may not exist yet', 14, { workloads, pods: [waiting('CreateContainerConfigError')] }],
    ['a node may still be added', 899, { workloads, pods: [unschedulablePod('0/1 nodes: Insufficient cpu')] }],
    [
      'a pod waits for its volume',
      899,
      { claims: [pendingClaim], pods: [unschedulablePod('pod has unbound immediate PersistentVolumeClaims')] },
    ],
    ['a claim waits for its first pod', 120, { claims: [pendingClaim], events: [claimEvent('WaitForFirstConsumer')] }],
    ['a provisioner may retry', 899, { claims: [pendingClaim], events: [claimEvent('ProvisioningFailed')] }],
    ['a quota has been exceeded for less than 3 s', 2, { workloads: replicaFailure('exceeded quota: store-quota') }],
    [
      'the usage of a quota is not known yet',
      60,
      { workloads: replicaFailure('status unknown for quota: store-quota') },
    ],
    ['an admission webhook does not answer', 60, { workloads: replicaFailure('Internal error occurred: webhook') }],
    [
      'only an earlier revision of the release was refused',
      60,
      {
        workloads,
        events: [
          event({
            ...quotaEvent,
            object: 'Deployment/web',
            firstSeenMs: STARTED - 400_000,
            lastSeenMs: STARTED - 300_000,
          }),
        ],
      },
    ],
    [
      'only an object that was replaced under the same name was refused',
      60,
      { workloads: [database], events: [event({ ...quotaEvent, object: 'StatefulSet/db', uid: 'an earlier db' })] },
    ],
    [
      'pods were created after the refusal',
      60,
      {
        workloads: [database],
        events: [
          event({ ...quotaEvent, object: 'StatefulSet/db' }),
          event({ reason: 'SuccessfulCreate', object: 'StatefulSet/db' }),
        ],
      },
    ],
    [
      'all pods of the object that was refused exist',
      60,
      { workloads: [{ ...database, missesPods: false }], events: [event({ ...quotaEvent, object: 'StatefulSet/db' })] },
    ],
    [
      'the object was changed after the refusal',
      60,
      {
        workloads: [{ ...database, specChangedMs: STARTED + 1_000 }],
        events: [event({ ...quotaEvent, object: 'StatefulSet/db' })],
      },
    ],
    [
      'a terminating pod still counts against the quota',
      60,
      {
        workloads: [database],
        pods: [pod({ name: 'db-0', terminating: true })],
        events: [event({ ...quotaEvent, object: 'StatefulSet/db' })],
      },
    ],
    [
      'the object that was refused is complete',
      60,
      { workloads, events: [event({ ...quotaEvent, object: 'Job/old' })] },
    ],
  ])('%s', (_, seconds, facts) => {
    expect(classifyAfter(seconds, facts)).toMatchObject({ kind: 'waiting' });
  });
});

describe('a release has failed when', () => {
  test.each<[string, FailureCode, string, number, Partial<Snapshot>]>([
    [
      'the registry refused the image twice',
      'IMAGE_PULL_FAILED',
      'Pod/web-1',
      0,
      { workloads, pods: [waiting('ImagePullBackOff')], events: [pullEvent(1), pullEvent(1, 'access denied')] },
    ],
    [
      'an image has an invalid name',
      'IMAGE_PULL_FAILED',
      'Pod/web-1',
      0,
      { workloads, pods: [waiting('InvalidImageName')] },
    ],
    [
      'a second pull failed',
      'IMAGE_PULL_FAILED',
      'Pod/web-1',
      0,
      { workloads, pods: [waiting('ErrImagePull')], events: [pullEvent(2)] },
    ],
    [
      'a container crashed three times',
      'CRASH_LOOP',
      'Pod/web-1',
      0,
      { workloads, pods: [waiting('CrashLoopBackOff', 3)] },
    ],
    [
      'a container cannot be started',
      'CRASH_LOOP',
      'Pod/web-1',
      15,
      { workloads, pods: [waiting('CreateContainerConfigError')] },
    ],
    [
      'a Job failed',
      'JOB_FAILED',
      'Job/setup',
      0,
      { jobs: [{ ...runningJob, state: 'failed', message: 'BackoffLimitExceeded' }] },
    ],
    [
      'a Deployment stays over quota',
      'NAMESPACE_QUOTA_EXCEEDED',
      'Deployment/web',
      3,
      { workloads: replicaFailure('exceeded quota: store-quota') },
    ],
    [
      'a StatefulSet stays over quota',
      'NAMESPACE_QUOTA_EXCEEDED',
      'StatefulSet/db',
      3,
      {
        workloads: [database],
        events: [event({ ...quotaEvent, object: 'StatefulSet/db' })],
      },
    ],
    [
      'a Job stays over quota',
      'NAMESPACE_QUOTA_EXCEEDED',
      'Job/setup',
      3,
      { jobs: [runningJob], events: [event({ ...quotaEvent, object: 'Job/setup' })] },
    ],
    [
      'its pods are rejected by admission',
      'ADMISSION_REFUSED',
      'Deployment/web',
      3,
      { workloads: replicaFailure('forbidden: violates PodSecurity "restricted:v1.32"') },
    ],
    [
      'the controller may not create pods',
      'CLUSTER_REFUSED',
      'Deployment/web',
      3,
      { workloads: replicaFailure('pods is forbidden: User "controller" cannot create resource "pods"') },
    ],
    [
      'the namespace is terminating',
      'NAMESPACE_TERMINATING',
      'Deployment/web',
      3,
      { workloads: replicaFailure('pods "web-1" is forbidden: namespace x refuses it because it is being terminated') },
    ],
    [
      'a claim is not bound at the deadline',
      'VOLUME_PENDING',
      'PersistentVolumeClaim/data',
      900,
      { claims: [pendingClaim] },
    ],
    [
      'no node can take a pod at the deadline',
      'UNSCHEDULABLE',
      'Pod/web-1',
      900,
      { workloads, pods: [unschedulablePod('0/1 nodes: Insufficient cpu')] },
    ],
    [
      'an image cannot be pulled at the deadline',
      'IMAGE_PULL_FAILED',
      'Pod/web-1',
      900,
      { workloads, pods: [waiting('ImagePullBackOff')], events: [pullEvent(9, UNAVAILABLE)] },
    ],
    ['the deadline has passed', 'READY_DEADLINE_EXCEEDED', 'Deployment/web', 900, { workloads }],
  ])('%s', (_, code, object, seconds, facts) => {
    expect(classifyAfter(seconds, facts)).toMatchObject({ kind: 'failed', code, object });
  });
});

describe('the goal checkout', () => {
  const background = [{ ...starting, name: 'worker', requiredForCheckout: false }];

  test('is reached while objects that customers do not need are starting, and the result lists them', () => {
    expect(classifyAfter(0, { workloads: background }, 'checkout')).toEqual({
      kind: 'ready',
      unfinished: ['Deployment/worker (0 of 1 ready)'],
    });
    expect(classifyAfter(0, { workloads: background })).toMatchObject({ kind: 'waiting' });
  });

  test('is reached while a Job that customers do not need is running', () => {
    const ending = { jobs: [{ ...runningJob, requiredForCheckout: false }] };
    expect(classifyAfter(0, ending, 'checkout')).toEqual({ kind: 'ready', unfinished: ['Job/setup'] });
    const failed = { jobs: [{ ...runningJob, requiredForCheckout: false, state: 'failed' as const }] };
    expect(classifyAfter(0, failed, 'checkout')).toMatchObject({ kind: 'failed', code: 'JOB_FAILED' });
  });

  test.each<[string, Partial<Snapshot>]>([
    ['a workload that customers need is ready', { workloads: [...background, starting] }],
    ['the setup Job is complete', { workloads: background, jobs: [runningJob] }],
    ['a volume is bound', { workloads: background, claims: [pendingClaim] }],
  ])('is not reached before %s', (_, facts) => {
    expect(classifyAfter(0, facts, 'checkout')).toMatchObject({ kind: 'waiting' });
  });

  test('is not reached when another object has failed', () => {
    const pods = [waiting('InvalidImageName', 0, { name: 'worker-1' })];
    expect(classifyAfter(0, { workloads: background, pods }, 'checkout')).toMatchObject({ code: 'IMAGE_PULL_FAILED' });
  });
});

test('at the deadline the message names the objects that are not ready', () => {
  expect(
    classifyAfter(900, { workloads, claims: [{ ...pendingClaim, createdAtMs: STARTED + 890_000 }] }),
  ).toMatchObject({
    message: 'not ready after 15 min; still waiting for Deployment/web (0 of 1 ready), PersistentVolumeClaim/data',
  });
});

describe('a release that is delayed names the cause while it waits:', () => {
  test.each<[string, FailureCode, string, number, Partial<Snapshot>]>([
    [
      'no node can take a pod',
      'UNSCHEDULABLE',
      'no node can schedule the pod web-1: 0/1 nodes: Insufficient cpu',
      5,
      { workloads, pods: [unschedulablePod('0/1 nodes: Insufficient cpu')] },
    ],
    [
      'an autoscaler adds a node',
      'UNSCHEDULABLE',
      'the autoscaler reported TriggeredScaleUp: group a 1->2',
      5,
      {
        workloads,
        pods: [unschedulablePod('0/1 nodes: Insufficient cpu')],
        events: [
          event({ reason: 'NotTriggerScaleUp', message: '1 in backoff' }),
          event({ reason: 'TriggeredScaleUp', message: 'group a 1->2', lastSeenMs: STARTED + 1 }),
        ],
      },
    ],
    [
      'a volume is on another node',
      'UNSCHEDULABLE',
      'volume node affinity conflict',
      5,
      {
        claims: [{ ...pendingClaim, bound: true }],
        workloads,
        pods: [unschedulablePod('1 node(s) had volume node affinity conflict')],
      },
    ],
    [
      'a provisioner failed',
      'VOLUME_PENDING',
      'the volume of data was not provisioned: no such class',
      3,
      { claims: [pendingClaim], events: [claimEvent('ProvisioningFailed')] },
    ],
    [
      'the cluster has no default StorageClass',
      'VOLUME_PENDING',
      'the volume of data has no StorageClass: the claim names none, and the cluster has no default one',
      3,
      {
        claims: [pendingClaim],
        events: [
          event({
            object: 'PersistentVolumeClaim/data',
            reason: 'FailedBinding',
            message: 'no persistent volumes available for this claim and no storage class is set',
          }),
        ],
      },
    ],
    ['a claim waits without a reason', 'VOLUME_PENDING', 'is still pending', 15, { claims: [pendingClaim] }],
    [
      'one pull failed',
      'IMAGE_PULL_FAILED',
      '503 Service Unavailable',
      0,
      { workloads, pods: [waiting('ImagePullBackOff')], events: [pullEvent(1, UNAVAILABLE)] },
    ],
    [
      'the same volume as its pod',
      'VOLUME_PENDING',
      'is still pending',
      15,
      { claims: [pendingClaim], pods: [unschedulablePod('pod has unbound immediate PersistentVolumeClaims')] },
    ],
  ])('%s', (_, code, message, seconds, facts) => {
    expect(classifyAfter(seconds, facts)).toMatchObject({
      kind: 'waiting',
      delay: { code, message: expect.stringContaining(message) },
    });
  });

  test.each<[string, number, Partial<Snapshot>]>([
    ['a pod that was unschedulable for less than 5 s', 4, { workloads, pods: [unschedulablePod('Insufficient cpu')] }],
    [
      'a claim that waits for its first pod',
      60,
      { claims: [pendingClaim], events: [claimEvent('WaitForFirstConsumer')] },
    ],
    [
      'a claim that waits for the scheduler',
      60,
      { claims: [pendingClaim], events: [claimEvent('WaitForPodScheduled')] },
    ],
    ['a workload that starts', 60, { workloads }],
  ])('not for %s', (_, seconds, facts) => {
    expect(classifyAfter(seconds, facts)).toMatchObject({ kind: 'waiting', delay: null });
  });
});

describe('a limit for pods that no node can schedule', () => {
  const limit = { unschedulableMs: 60_000 };
  const pods = [unschedulablePod('0/1 nodes: Insufficient cpu')];

  test('ends the wait when it has passed', () => {
    expect(classifyAfter(59, { workloads, pods }, 'complete', limit)).toMatchObject({ kind: 'waiting' });
    expect(classifyAfter(60, { workloads, pods }, 'complete', limit)).toMatchObject({ code: 'UNSCHEDULABLE' });
  });

  test('does not apply while an autoscaler adds a node', () => {
    const events = [event({ reason: 'TriggeredScaleUp', message: 'group a 1->2' })];
    expect(classifyAfter(60, { workloads, pods, events }, 'complete', limit)).toMatchObject({ kind: 'waiting' });
  });
});

describe('after an operation was continued', () => {
  const continued = { isContinued: true };
  const beforeMs = STARTED - 1_000;

  test('a refusal from before does not count, and a new one does', () => {
    const refused = event({ ...quotaEvent, object: 'StatefulSet/db', firstSeenMs: beforeMs, lastSeenMs: beforeMs });
    const facts = { workloads: [database], events: [refused] };
    expect(classifyAfter(60, facts, 'complete', continued)).toMatchObject({ kind: 'waiting', delay: null });
    const again = { ...facts, events: [{ ...refused, lastSeenMs: STARTED + 1_000 }] };
    expect(classifyAfter(60, again, 'complete', continued)).toMatchObject({ code: 'NAMESPACE_QUOTA_EXCEEDED' });
  });

  test('the old condition of a Deployment is a warning until its controller has tried again', () => {
    const failure = { message: 'exceeded quota: store-quota', sinceMs: beforeMs };
    const facts = { workloads: [{ ...starting, replicaFailure: failure }] };
    expect(classifyAfter(60, facts, 'complete', continued)).toMatchObject({
      kind: 'waiting',
      delay: { code: 'NAMESPACE_QUOTA_EXCEEDED' },
    });
    const events = [event({ ...quotaEvent, object: 'ReplicaSet/web-5d9', lastSeenMs: STARTED + 1_000 })];
    expect(classifyAfter(60, { ...facts, events }, 'complete', continued)).toMatchObject({
      kind: 'failed',
      code: 'NAMESPACE_QUOTA_EXCEEDED',
    });
  });
});

test('the reason of a condition is the failure code in CamelCase', () => {
  expect(reasonOf('IMAGE_PULL_FAILED')).toBe('ImagePullFailed');
});
