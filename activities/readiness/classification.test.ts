import { describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import type { ReadinessGoal } from '../../domain/operations/types.ts';
import {
  type ClaimFact,
  type EventFact,
  type JobFact,
  classifyReadiness,
  type PodFact,
  type Snapshot,
  type WorkloadFact,
} from './classification.ts';

const STARTED = 1_000_000_000;
const NOTHING: Snapshot = { workloads: [], jobs: [], claims: [], pods: [], events: [] };

function judgeAfter(seconds: number, seen: Partial<Snapshot>, goal?: ReadinessGoal) {
  const clock = { startedAtMs: STARTED, nowMs: STARTED + seconds * 1_000, deadlineMs: STARTED + 900_000 };
  return classifyReadiness({ ...NOTHING, ...seen }, clock, goal);
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
  return pod({ containers: [{ name: 'main', restarts, waiting: { reason, message: '' } }], ...seed });
}

function event(seed: Partial<EventFact>): EventFact {
  return { object: 'Pod/web-1', reason: '', message: '', count: 1, firstSeenMs: STARTED, lastSeenMs: STARTED, ...seed };
}

const workloads = [starting];
const refusedPod = (message: string) => pod({ unschedulable: { message, sinceMs: STARTED } });
const refusedReplica = (message: string) => [{ ...starting, replicaFailure: { message, sinceMs: STARTED } }];
const quotaEvent = { reason: 'FailedCreate', message: 'pods "db-0" is forbidden: exceeded quota: store-quota' };
const pullEvent = (count: number) => event({ message: 'Failed to pull image "x"', count });
const claimEvent = (reason: string) =>
  event({ object: 'PersistentVolumeClaim/data', reason, message: 'no such class' });

describe('a release is ready when', () => {
  test.each<[string, Partial<Snapshot>]>([
    ['there is nothing to wait for', {}],
    [
      'all is rolled out, complete and bound',
      {
        workloads: [{ ...starting, rolledOut: true }],
        jobs: [{ ...runningJob, state: 'complete' }],
        claims: [{ ...pendingClaim, bound: true }],
      },
    ],
    ['a pod of no account is in trouble', { pods: [waiting('ImagePullBackOff')] }],
  ])('%s', (_, seen) => {
    expect(judgeAfter(0, seen)).toEqual({ kind: 'ready', unfinished: [] });
  });
});

describe('a release needs time while', () => {
  test.each<[string, number, Partial<Snapshot>]>([
    ['a Deployment rolls out', 1, { workloads }],
    ['a Job runs', 1, { jobs: [runningJob] }],
    ['a claim is not bound', 59, { claims: [pendingClaim] }],
    ['one pull failed', 1, { workloads, pods: [waiting('ErrImagePull')], events: [pullEvent(1)] }],
    ['a container crashed twice', 1, { workloads, pods: [waiting('CrashLoopBackOff', 2)] }],
    [
      "a Job's pod crashes within its limit",
      1,
      { jobs: [runningJob], pods: [waiting('CrashLoopBackOff', 5, { ownerKind: 'Job' })] },
    ],
    ['a crashing pod is going', 1, { workloads, pods: [waiting('CrashLoopBackOff', 9, { terminating: true })] }],
    ['a Secret may still come', 14, { workloads, pods: [waiting('CreateContainerConfigError')] }],
    ['nodes may still make room', 14, { workloads, pods: [refusedPod('0/1 nodes: Insufficient cpu')] }],
    [
      'a pod waits for its volume',
      59,
      { claims: [pendingClaim], pods: [refusedPod('pod has unbound immediate PersistentVolumeClaims')] },
    ],
    ['a claim waits for its first pod', 120, { claims: [pendingClaim], events: [claimEvent('WaitForFirstConsumer')] }],
    ['a provisioner may try again', 9, { claims: [pendingClaim], events: [claimEvent('ProvisioningFailed')] }],
    ['a quota was exceeded this moment', 2, { workloads: refusedReplica('exceeded quota: store-quota') }],
    ['a quota is not counted yet', 60, { workloads: refusedReplica('status unknown for quota: store-quota') }],
    ['an admission webhook does not answer', 60, { workloads: refusedReplica('Internal error occurred: webhook') }],
    [
      'only an earlier form of the release was refused',
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
    ['what was refused is finished by now', 60, { workloads, events: [event({ ...quotaEvent, object: 'Job/old' })] }],
  ])('%s', (_, seconds, seen) => {
    expect(judgeAfter(seconds, seen)).toMatchObject({ kind: 'waiting' });
  });
});

describe('a release never will be ready once', () => {
  test.each<[string, FailureCode, string, number, Partial<Snapshot>]>([
    ['a pull is backed off', 'IMAGE_PULL_FAILED', 'Pod/web-1', 0, { workloads, pods: [waiting('ImagePullBackOff')] }],
    [
      'an image has no valid name',
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
      { workloads: refusedReplica('exceeded quota: store-quota') },
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
      'its pods are not admitted',
      'ADMISSION_REFUSED',
      'Deployment/web',
      3,
      { workloads: refusedReplica('forbidden: violates PodSecurity "restricted:v1.32"') },
    ],
    [
      'the controller may not create pods',
      'CLUSTER_REFUSED',
      'Deployment/web',
      3,
      { workloads: refusedReplica('pods is forbidden: User "controller" cannot create resource "pods"') },
    ],
    [
      'the namespace is terminating',
      'NAMESPACE_TERMINATING',
      'Deployment/web',
      3,
      { workloads: refusedReplica('pods "web-1" is forbidden: namespace x refuses it because it is being terminated') },
    ],
    [
      'no node made room',
      'UNSCHEDULABLE',
      'Pod/web-1',
      15,
      { workloads, pods: [refusedPod('0/1 nodes: Insufficient cpu')] },
    ],
    [
      'a provisioner keeps failing',
      'VOLUME_PENDING',
      'PersistentVolumeClaim/data',
      10,
      { claims: [pendingClaim], events: [claimEvent('ProvisioningFailed')] },
    ],
    ['a claim is pending for a minute', 'VOLUME_PENDING', 'PersistentVolumeClaim/data', 60, { claims: [pendingClaim] }],
    ['its time is up', 'READY_DEADLINE_EXCEEDED', 'Deployment/web', 900, { workloads }],
  ])('%s', (_, code, object, seconds, seen) => {
    expect(judgeAfter(seconds, seen)).toMatchObject({ kind: 'failed', code, object });
  });
});

describe('customers are served', () => {
  const background = [{ ...starting, name: 'worker', requiredForCheckout: false }];

  test('while what none of them waits for is still starting, which is told', () => {
    expect(judgeAfter(0, { workloads: background }, 'checkout')).toEqual({
      kind: 'ready',
      unfinished: ['Deployment/worker (0 of 1 ready)'],
    });
    expect(judgeAfter(0, { workloads: background })).toMatchObject({ kind: 'waiting' });
  });

  test('while a Job that has done all they need is still ending', () => {
    const ending = { jobs: [{ ...runningJob, requiredForCheckout: false }] };
    expect(judgeAfter(0, ending, 'checkout')).toEqual({ kind: 'ready', unfinished: ['Job/setup'] });
    const failed = { jobs: [{ ...runningJob, requiredForCheckout: false, state: 'failed' as const }] };
    expect(judgeAfter(0, failed, 'checkout')).toMatchObject({ kind: 'failed', code: 'JOB_FAILED' });
  });

  test.each<[string, Partial<Snapshot>]>([
    ['a workload they need', { workloads: [...background, starting] }],
    ['the set-up', { workloads: background, jobs: [runningJob] }],
    ['a volume', { workloads: background, claims: [pendingClaim] }],
  ])('not before %s', (_, seen) => {
    expect(judgeAfter(0, seen, 'checkout')).toMatchObject({ kind: 'waiting' });
  });

  test('in vain when something else never will start', () => {
    const pods = [waiting('ImagePullBackOff', 0, { name: 'worker-1' })];
    expect(judgeAfter(0, { workloads: background, pods }, 'checkout')).toMatchObject({ code: 'IMAGE_PULL_FAILED' });
  });
});

test('when time is up, the message says what was waited for', () => {
  expect(judgeAfter(900, { workloads, claims: [{ ...pendingClaim, createdAtMs: STARTED + 890_000 }] })).toMatchObject({
    message: 'not ready after 15 min; still waiting for Deployment/web (0 of 1 ready), PersistentVolumeClaim/data',
  });
});
