import { describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import {
  type ClaimFact,
  type EventFact,
  type JobFact,
  classifyReadiness,
  type PodFact,
  type Snapshot,
  type WorkloadFact,
} from './classification.ts';
import type { ReadinessGoal } from '../../domain/operations/inputs.ts';

const STARTED = 1_000_000_000;
const NOTHING: Snapshot = { workloads: [], jobs: [], claims: [], pods: [], events: [] };

function classifyAfter(seconds: number, facts: Partial<Snapshot>, goal?: ReadinessGoal) {
  const clock = { startedAtMs: STARTED, nowMs: STARTED + seconds * 1_000, deadlineMs: STARTED + 900_000 };
  return classifyReadiness({ ...NOTHING, ...facts }, clock, goal);
}

const starting: WorkloadFact = {
  kind: 'Deployment',
  name: 'web',
  rolledOut: false,
  progress: '0 of 1 ready',
  requiredForCheckout: true,
  replicaFailure: null,
};
const pendingClaim: ClaimFact = { name: 'data', bound: false, createdAtMs: STARTED };
const runningJob: JobFact = { name: 'setup', state: 'running', message: '', requiredForCheckout: true };

function pod(seed: Partial<PodFact> = {}): PodFact {
  return {
    name: 'web-1',
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

function event(seed: Partial<EventFact>): EventFact {
  return { object: 'Pod/web-1', reason: '', message: '', count: 1, firstSeenMs: STARTED, lastSeenMs: STARTED, ...seed };
}

const workloads = [starting];
const unschedulablePod = (message: string) => pod({ unschedulable: { message, sinceMs: STARTED } });
const replicaFailure = (message: string) => [{ ...starting, replicaFailure: { message, sinceMs: STARTED } }];
const quotaEvent = { reason: 'FailedCreate', message: 'pods "db-0" is forbidden: exceeded quota: store-quota' };
const pullEvent = (count: number) => event({ message: 'Failed to pull image "x"', count });
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
    ['a claim is not bound', 59, { claims: [pendingClaim] }],
    ['one pull failed', 1, { workloads, pods: [waiting('ErrImagePull')], events: [pullEvent(1)] }],
    ['a container crashed twice', 1, { workloads, pods: [waiting('CrashLoopBackOff', 2)] }],
    [
      'the pod of a Job crashes within the backoff limit',
      1,
      { jobs: [runningJob], pods: [waiting('CrashLoopBackOff', 5, { ownerKind: 'Job' })] },
    ],
    ['a crashing pod terminates', 1, { workloads, pods: [waiting('CrashLoopBackOff', 9, { terminating: true })] }],
    ['a Secret may not exist yet', 14, { workloads, pods: [waiting('CreateContainerConfigError')] }],
    ['nodes may still free capacity', 14, { workloads, pods: [unschedulablePod('0/1 nodes: Insufficient cpu')] }],
    [
      'a pod waits for its volume',
      59,
      { claims: [pendingClaim], pods: [unschedulablePod('pod has unbound immediate PersistentVolumeClaims')] },
    ],
    ['a claim waits for its first pod', 120, { claims: [pendingClaim], events: [claimEvent('WaitForFirstConsumer')] }],
    ['a provisioner may retry', 9, { claims: [pendingClaim], events: [claimEvent('ProvisioningFailed')] }],
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
    ['a pull is in backoff', 'IMAGE_PULL_FAILED', 'Pod/web-1', 0, { workloads, pods: [waiting('ImagePullBackOff')] }],
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
        workloads: [{ ...starting, kind: 'StatefulSet', name: 'db' }],
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
      'no node has capacity for 15 s',
      'UNSCHEDULABLE',
      'Pod/web-1',
      15,
      { workloads, pods: [unschedulablePod('0/1 nodes: Insufficient cpu')] },
    ],
    [
      'a provisioner keeps failing',
      'VOLUME_PENDING',
      'PersistentVolumeClaim/data',
      10,
      { claims: [pendingClaim], events: [claimEvent('ProvisioningFailed')] },
    ],
    [
      'a claim has been pending for a minute',
      'VOLUME_PENDING',
      'PersistentVolumeClaim/data',
      60,
      { claims: [pendingClaim] },
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
    const pods = [waiting('ImagePullBackOff', 0, { name: 'worker-1' })];
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
